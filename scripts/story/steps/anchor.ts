import { join } from "node:path";
import { PATHS, type StoryStep } from "../context.ts";

interface AnchorJson {
  readonly batchIndex: string;
  readonly startSequence: string;
  readonly endSequence: string;
  readonly batchRoot: string;
  readonly factsRoot: string;
  readonly logRoot: string;
  readonly stateRoot: string;
  readonly transactionHash: string;
}

export const anchor: StoryStep = {
  id: "anchor",
  title: "Close the batch and anchor its roots in one transaction",
  expected: { first: 2, again: 2 },
  code: ["tasks/batch/anchor.ts", "contracts/compliance/AnchorRegistry.sol", "docs/formats.md"],
  async run({ task, facts }) {
    facts.batchFile = join(PATHS.work, "batch-1.json");
    const anchored = await task<AnchorJson>(["batch", "anchor"], {
      network: "story",
      events: facts.eventsFile,
      agents: facts.agentsFile,
      key: "anchorer",
      out: facts.batchFile,
    });
    const { batchRoot, factsRoot, logRoot, stateRoot, transactionHash } = anchored;
    return {
      result: `Batch ${anchored.batchIndex} with sequences ${anchored.startSequence} to ${anchored.endSequence} is anchored`,
      inputs: { events: facts.eventsFile, "agents' keys": facts.agentsFile },
      outputs: {
        "batch root": batchRoot,
        "facts root": factsRoot,
        "log root": logRoot,
        "state root": stateRoot,
        transaction: transactionHash,
      },
    };
  },
};
