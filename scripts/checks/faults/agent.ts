import { randomUUID } from "node:crypto";
import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "an agent's key is old, or not its own any more",
  inject: async () => ({
    AGENT: "a9e40000-0000-4000-8000-000000000001",
    NAME: `treasury-agent-${randomUUID().slice(0, 8)}`,
  }),
};
