import { addVersion } from "../runbook/circuit-versions.ts";
import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "a circuit version is retired",
  async inject(stage) {
    const version = await addVersion(stage);
    await stage.chain.send(
      stage.addresses.admin ?? "",
      stage.addresses.verifier ?? "",
      "retireCircuitVersion(uint32,bool)",
      version,
      true,
    );
    return { VERSION: version };
  },
};
