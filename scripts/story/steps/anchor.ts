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
  title:
    "The log closes the batch and anchors it; whoever proves recomputes its roots and finds them on chain",
  expected: { first: 4, again: 4 },
  code: [
    "src/sequencer/anchor/index.ts",
    "tasks/batch/fetch.ts",
    "contracts/compliance/AnchorRegistry.sol",
    "docs/formats.md",
  ],
  async run({ task, facts }) {
    facts.batchFile = join(PATHS.work, "batch-1.json");
    const last = Object.values(facts.events).at(-1);
    const anchored = await task<AnchorJson>(["batch", "fetch"], {
      network: "story",
      url: facts.sequencer.url,
      credential: facts.credentials.admin,
      tenant: facts.tenantId,
      store: facts.storeId,
      sequence: String(last?.sequence),
      wait: "60",
      out: facts.batchFile,
    });
    const { batchRoot, factsRoot, logRoot, stateRoot, transactionHash } = anchored;
    return {
      result: `Batch ${anchored.batchIndex} with sequences ${anchored.startSequence} to ${anchored.endSequence} is anchored`,
      inputs: { sequencer: facts.sequencer.url },
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
