import { randomUUID } from "node:crypto";
import { newestKey } from "../runbook/agent-key.ts";
import type { Fault } from "../runbook/fault.ts";

const AGENT = "a9e40000-0000-4000-8000-000000000001";

export const fault: Fault = {
  what: "an agent's key is old, or not its own any more",
  inject: async (stage) => ({
    AGENT,
    KEY_ID: await newestKey(stage, AGENT),
    NAME: `treasury-agent-${randomUUID().slice(0, 8)}`,
  }),
};
