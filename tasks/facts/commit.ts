import { action, required, type TaskResult } from "../support/task.ts";
import { readJsonInput } from "../support/values.ts";
import { commitToFacts, writeFactsFile } from "./file.ts";

export interface CommitArguments {
  readonly in: string | undefined;
  readonly out: string | undefined;
}

/** Commits to facts; the salt is drawn here unless the input already has one. Prints the commitment, never the salt. */
export async function commitFacts(args: CommitArguments): Promise<TaskResult> {
  const source = required("in", args.in, "a JSON file with amounts and category");
  const out = required("out", args.out, "a file to write");
  const committed = commitToFacts(readJsonInput("--in", source));
  writeFactsFile(out, committed);
  return {
    data: { factsCommitment: committed.commitment, file: out },
    lines: [`Fact commitment ${committed.commitment}`, `  facts and salt, to be kept private: ${out}`],
  };
}

export default action(commitFacts);
