import {
  addEntry,
  duration,
  incidentAlert,
  readRecord,
  responseOf,
} from "../../../src/ops/incidents/record/index.ts";
import { action, required, type TaskResult } from "../../support/task.ts";
import { tellSinks } from "./sinks.ts";
import { actor, incidentSettings, publishAndTell } from "./support.ts";

interface CloseArguments {
  readonly id: string | undefined;
  readonly text: string | undefined;
  readonly by: string | undefined;
}

/** Closes an incident with what was learnt; its alert is over. */
export async function closeIncident(args: CloseArguments): Promise<TaskResult> {
  const settings = incidentSettings();
  const record = readRecord(settings.folder, required("id", args.id, "an incident's id"));
  const text = required("text", args.text, "how it ended, and what was learnt");
  const now = new Date();
  const closed = addEntry(settings.folder, record, "closed", { by: actor(args.by), text }, now);
  const { closedAfter = 0 } = responseOf(closed, now);
  return await publishAndTell(settings, closed, [
    `Incident ${record.id} is closed, ${duration(closedAfter)} after it was noticed`,
    await tellSinks([incidentAlert(closed)]),
    `Next: npx hardhat incident report --id ${record.id}`,
  ]);
}

export default action(closeIncident);
