import {
  CLASSES,
  duration,
  incidentAlert,
  openRecord,
  responseOf,
} from "../../../src/ops/incidents/record/index.ts";
import { action, required, type TaskResult } from "../../support/task.ts";
import { tellSinks } from "./sinks.ts";
import { actor, incidentSettings, parseSeverity, parseTime, publishAndTell } from "./support.ts";

interface OpenArguments {
  readonly id: string | undefined;
  readonly title: string | undefined;
  readonly severity: string | undefined;
  readonly text: string | undefined;
  readonly since: string | undefined;
  readonly by: string | undefined;
}

/** Opens an incident's record: on this machine, in the log, at the sinks. */
export async function openIncident(args: OpenArguments): Promise<TaskResult> {
  const settings = incidentSettings();
  const now = new Date();
  const severity = parseSeverity(required("severity", args.severity, "critical, high, medium or low"));
  const title = required("title", args.title, "one line");
  const record = openRecord(
    settings.folder,
    {
      id: args.id ?? `inc-${now.toISOString().slice(0, 19).replace(/[-:]/g, "").toLowerCase()}`,
      title,
      severity,
      since: args.since === undefined ? now.toISOString() : parseTime("--since", args.since),
    },
    { by: actor(args.by), text: args.text ?? title },
    now,
  );
  const { allowed, dueAt } = responseOf(record, now);
  const told = await tellSinks([incidentAlert(record)]);
  return await publishAndTell(settings, record, [
    `Incident ${record.id} is open: ${CLASSES[severity].name}, ${severity}`,
    `somebody has to act within ${duration(allowed)} of noticing: by ${dueAt}`,
    told,
  ]);
}

export default action(openIncident);
