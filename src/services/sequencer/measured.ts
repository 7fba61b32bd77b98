import type { Database } from "../../sequencer/store/index.ts";
import type { SequencerMetrics } from "./metrics.ts";

const APPEND = "proofx.append_events(";
/** Where the statement has the events' ids, of which there are as many as events. */
const IDS = 3;

/** The same database; transactions that append events are counted and timed. */
export function measured(database: Database, metrics: Pick<SequencerMetrics, "committed">): Database {
  return {
    kind: database.kind,
    role: database.role,
    async transaction(tenant, work) {
      const start = performance.now();
      let events = 0;
      const result = await database.transaction(tenant, (sql) =>
        work({
          query(text, values) {
            const ids = text.includes(APPEND) ? values?.[IDS] : undefined;
            if (Array.isArray(ids)) events += ids.length;
            return sql.query(text, values);
          },
        }),
      );
      if (events > 0) metrics.committed(events, (performance.now() - start) / 1000);
      return result;
    },
  };
}
