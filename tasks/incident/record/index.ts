import { option, proofxTask } from "../../support/declare.ts";

const ID = option("id", "Required. The incident's id");
const BY = option("by", "Who acts (default: this machine's account)");
const ANSWERS = option(
  "answers",
  "State files of guided answers (incident signer-compromise and the like), with commas",
);

/** What is written down of an incident: on this machine, in the log, at the sinks. */
export const recordTasks = [
  proofxTask(
    ["incident", "open"],
    "Open an incident's record: an event of the log, an alert at the sinks, and by when somebody has to act",
  )
    .addOption(option("title", "Required. One line; no secret, no payload"))
    .addOption(
      option(
        "severity",
        "Required. critical (P1, 15 min), high (P2, 1 h), medium (P3, 4 h) or low (P4, 24 h)",
      ),
    )
    .addOption(option("text", "What is known (default: the title)"))
    .addOption(option("since", "When it was noticed (default: now), e.g. 2026-01-31T12:00:00Z"))
    .addOption(option("id", "Its id (default: after the time)"))
    .addOption(BY)
    .setAction(() => import("./open.ts"))
    .build(),
  proofxTask(
    ["incident", "note"],
    "Write down what was seen, decided or done; without --text, send what the log lacks of the record",
  )
    .addOption(ID)
    .addOption(option("text", "What to write down"))
    .addOption(BY)
    .setAction(() => import("./note.ts"))
    .build(),
  proofxTask(
    ["incident", "notify"],
    "List who is affected (tenants, and who must prove again), tell them through the sinks, and write that down",
  )
    .addOption(ID)
    .addOption(option("message", "Required. What they are told"))
    .addOption(option("tenants", "Affected tenants, with commas"))
    .addOption(ANSWERS)
    .addOption(BY)
    .setAction(() => import("./notify.ts"))
    .build(),
  proofxTask(["incident", "close"], "Close an incident with what was learnt; its alert is over")
    .addOption(ID)
    .addOption(option("text", "Required. How it ended, and what was learnt"))
    .addOption(BY)
    .setAction(() => import("./close.ts"))
    .build(),
  proofxTask(
    ["incident", "report"],
    "Write the report (Markdown, HTML, PDF): one timeline of the record, the log, the chain of --network, alerts and answers",
  )
    .addOption(ID)
    .addOption(ANSWERS)
    .addOption(option("out", "Folder for it (default: the records' folder)"))
    .addOption(option("format", "md, html, pdf, with commas (default: all)"))
    .setAction(() => import("./report.ts"))
    .build(),
];
