import { Counter, Gauge, Histogram } from "prom-client";
import { UnavailableError } from "../../core/errors.ts";
import { type Database, type Store, sqlState } from "../../sequencer/store/index.ts";
import type { Metrics } from "./metrics.ts";

/** What a service counts of its database. */
export interface DatabaseMetrics {
  /** A transaction took so many seconds, waiting for a connection included. */
  asked(seconds: number): void;
  /** The database did not answer, or is unwell. */
  unanswered(): void;
}

/** Of SQLSTATE: out of disk, memory or connections; being shut down; the operating system's; broken inside. */
const DISTRESS = ["53", "57", "58", "XX"];

/** Adds the metrics of a service's database; rules about databases read them of every service that has one. */
export function createDatabaseMetrics({ registry, prefix }: Metrics): DatabaseMetrics {
  const registers = [registry];
  const seconds = new Histogram({
    name: `${prefix}database_seconds`,
    help: "Time of one transaction of the database, the wait for a connection included",
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const silent = new Counter({
    name: `${prefix}database_errors_total`,
    help: "Transactions that the database did not answer, or refused because it is unwell itself",
    registers,
  });
  return { asked: (took) => seconds.observe(took), unanswered: () => silent.inc() };
}

/** Connections to the database, where there are any. */
export function addConnections({ registry, prefix }: Metrics, store: Pick<Store, "connections">): void {
  new Gauge({
    name: `${prefix}database_connections`,
    help: "Connections by role, busy or idle; transactions that wait for one; and the most there may be",
    labelNames: ["role", "state"],
    registers: [registry],
    collect() {
      for (const { role, busy, idle, waiting, most } of store.connections?.() ?? [])
        for (const [state, count] of Object.entries({ busy, idle, waiting, most }))
          this.set({ role, state }, count);
    },
  });
}

/** Whether the database is unwell, and not a statement refused by a rule of ours. */
export function isDistress(error: unknown): boolean {
  if (error instanceof UnavailableError) return true;
  const state = sqlState(error);
  return state !== undefined && DISTRESS.includes(state.slice(0, 2));
}

/**
 * Does work that is one transaction, and counts it.
 *
 * @param unwell Whether an error is the database's own.
 */
export async function counted<T>(
  metrics: DatabaseMetrics,
  work: () => Promise<T>,
  unwell: (error: unknown) => boolean = isDistress,
): Promise<T> {
  const start = performance.now();
  try {
    return await work();
  } catch (error) {
    if (unwell(error)) metrics.unanswered();
    throw error;
  } finally {
    metrics.asked((performance.now() - start) / 1000);
  }
}

/** The same database, whose transactions are counted. */
export function countedStore(store: Store, metrics: DatabaseMetrics): Store {
  const countedAs = (role: Parameters<Store["as"]>[0]): Database => {
    const database = store.as(role);
    const { kind } = database;
    return { kind, role, transaction: (...work) => counted(metrics, () => database.transaction(...work)) };
  };
  return { ...store, as: countedAs };
}
