import type { HistoryEntry } from "../../alerts/index.ts";
import type { AnsweredIncident } from "./affected.ts";
import type { IncidentRecord } from "./record.ts";

/** One thing that happened, wherever it is known from. */
export interface Moment {
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly source: "record" | "log" | "chain" | "alerts" | "answer";
  readonly what: string;
}

/** All of it in one order; what happened at one time stays in the order of its source. */
export function timelineOf(...parts: readonly (readonly Moment[])[]): Moment[] {
  return parts.flat().sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** What people wrote down. */
export function recordMoments({ since, entries }: IncidentRecord): Moment[] {
  const told = entries.map(
    ({ at, kind, by, text, sequence }): Moment => ({
      at,
      source: "record",
      what: `${kind} by ${by}: ${text}${sequence === undefined ? " (not in the log yet)" : ` (log ${sequence})`}`,
    }),
  );
  return [{ at: since, source: "record", what: "noticed" }, ...told];
}

/** Steps of guided answers. */
export function answerMoments(answers: readonly AnsweredIncident[]): Moment[] {
  return answers.flatMap(({ incident, steps }) =>
    Object.entries(steps).map(
      ([id, { finishedAt, seconds, lines }]): Moment => ({
        at: finishedAt,
        source: "answer",
        what: `${incident}, ${id} (${seconds.toFixed(1)} s): ${lines.slice(0, 3).join("; ")}`,
      }),
    ),
  );
}

/** What alarms said, and to whom it came. */
export function alertMoments(history: readonly HistoryEntry[]): Moment[] {
  return history.map((entry): Moment => {
    const { at, kind } = entry;
    const by = "by" in entry && entry.by !== undefined ? `, by ${entry.by}` : "";
    switch (entry.kind) {
      case "delivered":
      case "dead-letter":
        return { at, source: "alerts", what: `${entry.key}, ${entry.phase}: ${kind} to ${entry.sink}` };
      case "silenced":
      case "silence-ended":
        return {
          at,
          source: "alerts",
          what: `${kind}${by}${entry.reason === undefined ? "" : `: ${entry.reason}`}`,
        };
      case "acknowledged":
        return { at, source: "alerts", what: `${entry.key}: acknowledged${by}` };
      default:
        return {
          at,
          source: "alerts",
          what: `${entry.rule} ${kind} (${entry.severity})${by}: ${entry.summary}`,
        };
    }
  });
}
