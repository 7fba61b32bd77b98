import { activateVersion, addVersion } from "../runbook/circuit-versions.ts";
import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "another circuit version takes proofs",
  async inject(stage) {
    const version = await addVersion(stage);
    await activateVersion(stage, version);
    return { VERSION: version };
  },
};
