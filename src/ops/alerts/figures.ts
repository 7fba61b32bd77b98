import { SEVERITIES, type Severity } from "../monitors/rule.ts";
import type { Sink } from "./alert.ts";
import type { AlertFigures, SinkFigures } from "./alerts.ts";
import type { AlertDatabase } from "./database.ts";
import { isoTime } from "./history.ts";
import type { DeliveryQueue } from "./queue.ts";
import { activeAlerts } from "./records.ts";

export interface FigureParts {
  readonly database: AlertDatabase;
  readonly queue: DeliveryQueue;
  readonly sinks: readonly Sink[];
  /** By sink. */
  readonly letters: ReadonlyMap<string, number>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Figures of this moment. */
export function figuresOf({ database, queue, sinks, letters, now }: FigureParts): AlertFigures {
  const active = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<Severity, number>;
  for (const { alert } of activeAlerts(database)) active[alert.severity] += 1;
  const last = new Map(
    database
      .all("SELECT sink, last FROM deliveries")
      .map(({ sink, last }) => [String(sink), isoTime(Number(last))]),
  );
  const waiting = queue.waiting();
  const names = new Set([...sinks.map(({ name }) => name), ...waiting.keys(), ...letters.keys()]);
  const figuresOfSink = (name: string): SinkFigures => {
    const { count, oldest } = waiting.get(name) ?? { count: 0, oldest: now };
    const lastDelivered = last.get(name);
    return {
      queued: count,
      oldest: Math.max(0, Math.floor((now - oldest) / 1000)),
      deadLetters: letters.get(name) ?? 0,
      ...(lastDelivered === undefined ? {} : { lastDelivered }),
    };
  };
  return { active, sinks: Object.fromEntries([...names].map((name) => [name, figuresOfSink(name)])) };
}
