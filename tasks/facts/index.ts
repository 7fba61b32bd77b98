import { option, proofxTask, taskGroup } from "../support/declare.ts";

export const factsTasks = [
  taskGroup("facts", "Facts: the numbers an event is judged by, hidden behind a commitment"),
  proofxTask(
    ["facts", "commit"],
    "Draw a salt, commit to facts, and write both to a private file for the prover",
  )
    .addOption(
      option(
        "in",
        'Required. JSON file, or - for standard input: {"amounts": ["1","2","3","4"], "category": 1}',
      ),
    )
    .addOption(
      option(
        "out",
        "Required. File for the facts with their salt and commitment (mode 0600); never overwritten",
      ),
    )
    .setAction(() => import("./commit.ts"))
    .build(),
];
