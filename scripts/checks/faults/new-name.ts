import { randomUUID } from "node:crypto";
import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "a new agent has no key",
  inject: async () => ({ NAME: `agent-${randomUUID().slice(0, 8)}` }),
};
