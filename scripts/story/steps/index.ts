import type { StoryStep } from "../context.ts";
import { aleo } from "./aleo.ts";
import { anchor } from "./anchor.ts";
import { attest } from "./attest.ts";
import { audit } from "./audit.ts";
import { breach } from "./breach.ts";
import { build } from "./build.ts";
import { check } from "./check.ts";
import { circuitBug } from "./circuit-bug.ts";
import { deploy } from "./deploy.ts";
import { govern } from "./govern.ts";
import { keys } from "./keys.ts";
import { prove } from "./prove.ts";
import { setup } from "./setup.ts";
import { sign } from "./sign.ts";
import { tamper } from "./tamper.ts";
import { theft } from "./theft.ts";
import { watch } from "./watch.ts";

/** The story, in its order. */
export const STEPS: readonly StoryStep[] = [
  build,
  setup,
  keys,
  deploy,
  govern,
  sign,
  anchor,
  prove,
  attest,
  breach,
  tamper,
  theft,
  circuitBug,
  watch,
  check,
  aleo,
  audit,
];
