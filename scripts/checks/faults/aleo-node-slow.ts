import { aleoNodeFault } from "../runbook/aleo-node.ts";

export const fault = aleoNodeFault({
  what: "the node hangs now and then, for longer than the limit of 0.3 s",
  alteration: () => ({ hangs: 350 }),
  limits: "response_time = 300",
});
