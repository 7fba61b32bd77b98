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
    facts.batchFiles = {};
    const fetched: AnchorJson[] = [];
    for (const [act, { sequence }] of Object.entries(facts.events)) {
      // As a rule all of them are in one; a slow machine may close a batch between two.
      const known = fetched.findIndex(({ endSequence }) => sequence <= BigInt(endSequence));
      const number = known === -1 ? fetched.length : known;
      facts.batchFiles[act] = join(PATHS.work, `batch-${number + 1}.json`);
      if (known !== -1) continue;
      const batch = await task<AnchorJson>(["batch", "fetch"], {
        network: "story",
        url: facts.sequencer.url,
        credential: facts.credentials.admin,
        tenant: facts.tenantId,
        store: facts.storeId,
        sequence: String(sequence),
        wait: "120",
        out: facts.batchFiles[act] ?? "",
      });
      fetched.push(batch);
    }
    return {
      result: fetched
        .map(
          (each) =>
            `Batch ${each.batchIndex} with sequences ${each.startSequence} to ${each.endSequence} is anchored`,
        )
        .join("; "),
      inputs: { sequencer: facts.sequencer.url },
      outputs: Object.fromEntries(
        fetched.map(({ batchIndex, batchRoot, factsRoot, logRoot, stateRoot, transactionHash }) => [
          `batch ${batchIndex}`,
          {
            "batch root": batchRoot,
            "facts root": factsRoot,
            "log root": logRoot,
            "state root": stateRoot,
            transaction: transactionHash,
          },
        ]),
      ),
    };
  },
};
