import { ProofXError } from "../../../core/errors.ts";
import { type IncidentEntry, type IncidentRecord, updateEntry } from "./record.ts";

/** Signs and sends entries to the log; a composer has it, since the SDK and keys are its. */
export interface IncidentLog {
  /** The entry as a signed event, in JSON. */
  sign(record: IncidentRecord, entry: IncidentEntry): Promise<Record<string, unknown>>;
  /** @returns its sequence number. Sent twice it is in the log once. */
  send(event: Record<string, unknown>): Promise<string>;
}

/** What of a record is in the log. */
export interface Published {
  readonly record: IncidentRecord;
  /** Entries that are not there yet. */
  readonly pending: number;
  /** Why not. */
  readonly reason?: string;
}

/** Type of an entry's event. The log keeps types that begin with "proofx." for events of its own. */
export const eventTypeOf = ({ kind }: IncidentEntry): string => `incident.${kind}`;

/**
 * Writes to the log what it does not have yet, in order. Whatever fails is left for the next time: an incident is recorded while the log
 * is down, and its events are signed once, so that they are the same whenever they arrive.
 */
export async function publish(
  folder: string,
  record: IncidentRecord,
  log: IncidentLog | undefined,
): Promise<Published> {
  let current = record;
  const pending = (): number => current.entries.filter(({ sequence }) => sequence === undefined).length;
  if (log === undefined)
    return { record, pending: pending(), reason: "no log: [incidents.log] of the configuration names none" };
  for (const { id } of record.entries) {
    const entry = current.entries.find((each) => each.id === id);
    if (entry === undefined || entry.sequence !== undefined) continue;
    try {
      const event = entry.event ?? (await log.sign(current, entry));
      if (entry.event === undefined) current = updateEntry(folder, current, id, { event });
      current = updateEntry(folder, current, id, { sequence: await log.send(event) });
    } catch (error) {
      if (!(error instanceof ProofXError)) throw error;
      return { record: current, pending: pending(), reason: error.message };
    }
  }
  return { record: current, pending: 0 };
}
