import { ProofXError } from "../../../src/core/errors.ts";
import { eventToJson } from "../../../src/core/log/index.ts";
import type { IncidentRecord, Moment } from "../../../src/ops/incidents/record/index.ts";
import type { Client, LoggedEvent } from "../../../src/sdk/index.ts";

/** Events looked through for what the log itself wrote: the newest so many. */
const LOOKED_THROUGH = 5_000n;

/** What the log says: its own acts in the period, and how many of the record's entries it has as they were signed. */
export interface LogMoments {
  readonly moments: readonly Moment[];
  readonly same: number;
  /** Entries that the log has another way, or that its answer could not show. */
  readonly missing: readonly string[];
}

/** Reads the stream of a record. What cannot be read is said, and keeps no report from being written. */
export async function logMoments(
  client: Client,
  record: IncidentRecord,
  period: { readonly since: Date; readonly until: Date },
): Promise<LogMoments> {
  try {
    const [same, missing] = await compare(client, record);
    return { moments: await ownActs(client, period), same, missing };
  } catch (error) {
    if (!(error instanceof ProofXError)) throw error;
    return { moments: [], same: 0, missing: [`the log: ${error.message}`] };
  }
}

async function compare(client: Client, record: IncidentRecord): Promise<[number, string[]]> {
  const logged = new Map<string, LoggedEvent>();
  for await (const each of client.entityEvents("incident", record.id)) logged.set(each.event.eventId, each);
  let same = 0;
  const missing: string[] = [];
  for (const { id, event, sequence, kind } of record.entries) {
    if (sequence === undefined || event === undefined) continue;
    const there = logged.get(id);
    if (there?.missing === undefined && there !== undefined && sameJson(eventToJson(there.event), event))
      same++;
    else missing.push(`the log's event ${sequence} is not the "${kind}" of this record`);
  }
  return [same, missing];
}

const sameJson = (a: object, b: object): boolean => {
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return (
    left.length === right.size &&
    left.every(([name, value]) => JSON.stringify(value) === JSON.stringify(right.get(name)))
  );
};

async function ownActs(
  client: Client,
  { since, until }: { readonly since: Date; readonly until: Date },
): Promise<Moment[]> {
  const { sequence } = await client.head();
  if (sequence === 0n) return [];
  const from = sequence > LOOKED_THROUGH ? sequence - LOOKED_THROUGH + 1n : 1n;
  const moments: Moment[] = [];
  for await (const { event, sequence: at } of client.events({ from, to: sequence })) {
    const time = Date.parse(event.createdAt);
    if (!event.eventType.startsWith("proofx.") || time < since.getTime() || time > until.getTime()) continue;
    moments.push({
      at: new Date(time).toISOString(),
      source: "log",
      what: `event ${at}: ${event.eventType} ${event.entityId}`,
    });
  }
  return moments;
}
