import { InputError } from "../../core/errors.ts";
import { isoTime } from "../../ops/alerts/history.ts";
import { RULES } from "../../ops/monitors/index.ts";
import { SEVERITIES, type Severity } from "../../ops/monitors/rule.ts";
import { tellersOf } from "../../ops/render/targets.ts";
import { print } from "../output.ts";
import { amtoolLine } from "./amtool.ts";
import { parseDuration, parseTime } from "./duration.ts";
import { act, type ConfigOption, SENT, whoActs } from "./open.ts";
import { lettersWanted, silenceLine } from "./show.ts";

interface ActOptions extends ConfigOption {
  readonly by?: string;
}

/** `alerts resolve` and `alerts acknowledge` */
export async function answer(
  what: "resolve" | "acknowledge",
  key: string,
  options: ActOptions,
): Promise<void> {
  const by = whoActs(options.by);
  const { delivery } = await act(options, (alerts) => alerts[what](key, by));
  const done = what === "resolve" ? "ended" : "acknowledged";
  print(
    { data: { key, [what]: true, by, delivery }, lines: [`${key}: ${done} by ${by}.`, SENT[delivery]] },
    options.json,
  );
}

export interface SilenceOptions extends ActOptions {
  readonly rule?: readonly string[];
  readonly severity?: readonly string[];
  readonly for: string;
  readonly from?: string;
  readonly reason: string;
}

/** `alerts silence` */
export async function silence(options: SilenceOptions): Promise<void> {
  const rules = options.rule ?? [];
  const unknown = rules.find((rule) => !RULES.some(({ id }) => id === rule));
  if (unknown !== undefined)
    throw InputError.expected("--rule", "the id of a rule", unknown, "npx proofx monitors list has them all");
  const severities = (options.severity ?? []).map(severityOf);
  const from = options.from === undefined ? Date.now() : parseTime("--from", options.from);
  const request = {
    rules,
    severities,
    from,
    until: from + parseDuration("--for", options.for),
    reason: options.reason,
    by: whoActs(options.by),
  };
  refuseMetrics(request);
  const { result } = await act(options, (alerts) => alerts.silence(request));
  // Rules that are named are the watcher's here; a window for all of them, or for a severity, is for others as well.
  const alertmanager = rules.length === 0 ? amtoolLine(result) : undefined;
  const lines = [
    silenceLine(result),
    "What begins in it is told when it ends, if it still lasts. To end it sooner:",
    `npx proofx alerts unsilence ${result.id}`,
    ...(alertmanager === undefined
      ? []
      : [
          "Alerts about metrics are NOT silenced: Prometheus tells Alertmanager of them. There:",
          alertmanager,
        ]),
  ];
  const more = alertmanager === undefined ? {} : { alertmanager };
  print({ data: { silence: result, ...more }, lines }, options.json);
}

/** A window for what the watcher never tells would keep nothing quiet. @throws InputError with the line that does. */
function refuseMetrics({ rules, severities, from, until, reason, by }: SilenceWanted): void {
  const ids = new Set(RULES.filter((rule) => !tellersOf(rule).includes("watcher")).map(({ id }) => id));
  const metrics = rules.filter((rule) => ids.has(rule));
  if (metrics.length === 0) return;
  const times = { from: isoTime(from), until: isoTime(until) };
  throw InputError.expected(
    "--rule",
    "a rule that the watcher tells of",
    metrics.join(", "),
    `Prometheus tells Alertmanager of it; silence it there: ${amtoolLine({ rules: metrics, severities, reason, by, ...times })}`,
  );
}

interface SilenceWanted {
  readonly rules: readonly string[];
  readonly severities: readonly Severity[];
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
  readonly reason: string;
  readonly by: string;
}

function severityOf(text: string): Severity {
  const severity = SEVERITIES.find((each) => each === text);
  if (severity === undefined) throw InputError.expected("--severity", SEVERITIES.join(", "), text);
  return severity;
}

/** `alerts unsilence` */
export async function unsilence(id: string, options: ActOptions): Promise<void> {
  const by = whoActs(options.by);
  const { delivery } = await act(options, (alerts) => alerts.unsilence(id, by));
  print(
    {
      data: { id, ended: true, by, delivery },
      lines: [`${id}: ended by ${by}. What lasts is told now. ${SENT[delivery]}`],
    },
    options.json,
  );
}

/** `alerts dead-letters retry` */
export async function retry(
  ids: readonly string[],
  options: ConfigOption & { readonly all?: boolean },
): Promise<void> {
  const wanted = lettersWanted(ids, options.all);
  const { result, delivery } = await act(options, (alerts) => alerts.retryDeadLetters(wanted));
  const lines = result.map(({ alert, sink }) => `${alert.phase} ${alert.key} to ${sink}: queued again`);
  print(
    { data: { queued: result.map(({ id }) => id), delivery }, lines: [...lines, SENT[delivery]] },
    options.json,
  );
}
