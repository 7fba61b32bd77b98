import { CheckError, UnavailableError } from "../../core/errors.ts";
import type { Sealer } from "../../sequencer/at-rest/index.ts";
import { type Database, sqlState } from "../../sequencer/store/index.ts";
import type { SequencerMetrics } from "./metrics.ts";

const APPEND = "proofx.append_events(";
/** Where the statement has the events' ids, of which there are as many as events. */
const IDS = 3;

/** Of SQLSTATE: out of disk, memory or connections; being shut down; the operating system's; broken inside. */
const DISTRESS = ["53", "57", "58", "XX"];

/** Whether the database is unwell, and not a statement refused by a rule of ours. */
function isDistress(error: unknown): boolean {
  if (error instanceof UnavailableError) return true;
  const state = sqlState(error);
  return state !== undefined && DISTRESS.includes(state.slice(0, 2));
}

/** The same database; its transactions are timed, and those that append events are counted. */
export function measured(
  database: Database,
  metrics: Pick<SequencerMetrics, "committed" | "asked" | "unanswered">,
): Database {
  return {
    kind: database.kind,
    role: database.role,
    async transaction(tenant, work) {
      const start = performance.now();
      const took = (): number => (performance.now() - start) / 1000;
      let events = 0;
      try {
        const result = await database.transaction(tenant, (sql) =>
          work({
            query(text, values) {
              const ids = text.includes(APPEND) ? values?.[IDS] : undefined;
              if (Array.isArray(ids)) events += ids.length;
              return sql.query(text, values);
            },
          }),
        );
        if (events > 0) metrics.committed(events, took());
        return result;
      } catch (error) {
        if (isDistress(error)) metrics.unanswered();
        throw error;
      } finally {
        metrics.asked(took());
      }
    },
  };
}

/** The same keyring; records that it does not open are counted. An erased one is none of those. */
export function watchedSealer(sealer: Sealer, metrics: Pick<SequencerMetrics, "notOpened">): Sealer {
  return {
    prepare: (owner) => sealer.prepare(owner),
    seal: (record, plaintext) => sealer.seal(record, plaintext),
    forget: (tenant) => sealer.forget(tenant),
    async open(record, sealed) {
      try {
        return await sealer.open(record, sealed);
      } catch (error) {
        if (error instanceof CheckError) metrics.notOpened();
        throw error;
      }
    },
  };
}
