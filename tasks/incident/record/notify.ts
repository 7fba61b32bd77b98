import { CheckError } from "../../../src/core/errors.ts";
import {
  addEntry,
  affectedBy,
  messageAlert,
  readAnswered,
  readRecord,
} from "../../../src/ops/incidents/record/index.ts";
import { action, required, type TaskResult } from "../../support/task.ts";
import { tellSinks } from "./sinks.ts";
import { actor, incidentSettings, publishAndTell } from "./support.ts";

interface NotifyArguments {
  readonly id: string | undefined;
  readonly message: string | undefined;
  readonly tenants: string | undefined;
  readonly answers: string | undefined;
  readonly by: string | undefined;
}

const list = (text: string | undefined): string[] => (text ?? "").split(",").filter((each) => each !== "");

/** Lists who is affected, sends the message through the sinks, and writes both down. */
export async function notifyAffected(args: NotifyArguments): Promise<TaskResult> {
  const settings = incidentSettings();
  const record = readRecord(settings.folder, required("id", args.id, "an incident's id"));
  const message = required("message", args.message, "what affected parties are told");
  const affected = affectedBy(list(args.answers).map(readAnswered), list(args.tenants));
  const facts: Record<string, string> = {};
  // One who is affected in several ways is told of all of them.
  for (const { who, why } of affected) facts[who] = facts[who] === undefined ? why : `${facts[who]}; ${why}`;
  const said = { by: actor(args.by), text: message, facts };
  const noted = addEntry(settings.folder, record, "notified", said, new Date());
  const entry = noted.entries.at(-1);
  if (entry === undefined) throw new CheckError("the record has no entry");
  const told = await tellSinks([messageAlert(noted, entry)]);
  return await publishAndTell(settings, noted, [
    `${affected.length} affected:`,
    ...affected.map(({ who, why }) => `  ${who} ${why}`),
    told,
  ]);
}

export default action(notifyAffected);
