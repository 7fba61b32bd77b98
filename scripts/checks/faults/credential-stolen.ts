import type { Fault } from "../runbook/fault.ts";
import { stolenApiKey } from "../runbook/stolen-credential.ts";

export const fault: Fault = {
  what: "a thief reads events with a tenant's API key",
  async inject(stage) {
    const { prefix, file } = await stolenApiKey(stage);
    return { PREFIX: prefix, STOLEN: file };
  },
};
