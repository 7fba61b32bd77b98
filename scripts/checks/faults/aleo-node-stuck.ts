import { aleoNodeFault } from "../runbook/aleo-node.ts";

/** One that the ledger had long before anything was deployed. */
const OLD = 20;

export const fault = aleoNodeFault({
  what: `the node stands still at block ${OLD}`,
  alteration: () => ({ newest: OLD }),
  limits: "block_age = 5",
});
