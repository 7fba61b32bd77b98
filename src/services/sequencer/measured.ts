import { CheckError } from "../../core/errors.ts";
import type { Sealer } from "../../sequencer/at-rest/index.ts";
import { type Database, SqlList } from "../../sequencer/store/index.ts";
import { counted } from "../support/database.ts";
import type { SequencerMetrics } from "./metrics.ts";

const APPEND = "proofx.append_events(";
/** Where the statement has the events' ids, of which there are as many as events. */
const IDS = 3;

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
      let events = 0;
      const result = await counted(metrics, () =>
        database.transaction(tenant, (sql) =>
          work({
            query(text, values) {
              const ids = text.includes(APPEND) ? values?.[IDS] : undefined;
              if (ids instanceof SqlList) events += ids.items.length;
              return sql.query(text, values);
            },
          }),
        ),
      );
      if (events > 0) metrics.committed(events, (performance.now() - start) / 1000);
      return result;
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
