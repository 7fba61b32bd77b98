import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ROOT } from "../scripts/checks/support/process.ts";
import type { Measurement } from "./measurement.ts";

/** Constraints of Semaphore v4's circuit at depth 20: a membership proof with a nullifier. */
const SEMAPHORE = 6431;
/** What a 2^12 domain leaves beside the public inputs. */
const DOMAIN = 4090;

const Report = z.object({ compliance: z.object({ constraints: z.number().int().positive() }) });

/** The committed constraint report, which a test compares with the compiled circuit. */
export function readConstraints(): Measurement {
  const text = readFileSync(join(ROOT, "circuits/constraints.json"), "utf8");
  const { constraints } = Report.parse(JSON.parse(text)).compliance;
  const row = (name: string, floorOrPeer: string, most: number) => {
    return { name, value: constraints, unit: "constraints", floorOrPeer, ratio: constraints / most };
  };
  return {
    title: "Constraints of compliance.circom",
    rows: [
      row("compliance, of a 2^12 domain", `at most ${DOMAIN}`, DOMAIN),
      row("compliance, beside Semaphore v4", `depth 20: ${SEMAPHORE}`, SEMAPHORE),
    ],
  };
}
