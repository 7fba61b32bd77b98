import { shellFault } from "../runbook/fault.ts";

/** The log's own stream: its next batch waits. An event makes one due. */
export const fault = shellFault(
  "the log's stream is suspended, and an event waits",
  `STREAM=$(node -p 'require("./build/story/work/batch-1.json").streamId')
npx hardhat stream anchorer --network "$NETWORK" --stream "$STREAM" --suspend --key admin`,
);
