import { findGnd } from "../../../src/ops/subgraph/tools.ts";
import { skipFor } from "../../support/needs.ts";

/** Skips where The Graph's node does not run, which npm has for Linux on x64 alone. */
export function needsGnd(context: Mocha.Context): void {
  try {
    findGnd();
  } catch {
    skipFor(context, { command: "gnd", install: "npm install, on Linux on x64" });
  }
}
