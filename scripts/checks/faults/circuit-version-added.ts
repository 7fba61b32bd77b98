import { addVersion } from "../runbook/circuit-versions.ts";
import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "the admin names a circuit verifier that was not announced",
  inject: async (stage) => ({ VERSION: await addVersion(stage) }),
};
