import { addEntry, readRecord } from "../../../src/ops/incidents/record/index.ts";
import { action, required, type TaskResult } from "../../support/task.ts";
import { actor, incidentSettings, publishAndTell } from "./support.ts";

interface NoteArguments {
  readonly id: string | undefined;
  readonly text: string | undefined;
  readonly by: string | undefined;
}

/** Writes down what was seen, decided or done; without a text, only what the log lacks is sent. */
export async function noteIncident(args: NoteArguments): Promise<TaskResult> {
  const settings = incidentSettings();
  const record = readRecord(settings.folder, required("id", args.id, "an incident's id"));
  if (args.text === undefined) return await publishAndTell(settings, record, []);
  const noted = addEntry(
    settings.folder,
    record,
    "noted",
    { by: actor(args.by), text: args.text },
    new Date(),
  );
  return await publishAndTell(settings, noted, [`Incident ${record.id}: noted`]);
}

export default action(noteIncident);
