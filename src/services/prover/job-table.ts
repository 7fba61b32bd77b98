import type { PgBoss } from "pg-boss";
import { z } from "zod";
import { failed, type Job, type Outcome } from "./job.ts";

/** What runs SQL: the queue's pool, or one transaction. */
export type Database = ReturnType<PgBoss["getDb"]>;

/** Schema of the database that holds the queue. */
export const SCHEMA = "proofx_prover";
const TABLE = `${SCHEMA}.job`;
/** A queue of its own for each circuit version, so that a prover takes no job it cannot do. */
const PREFIX = "proofs-";
const OURS = `starts_with(name, '${PREFIX}')`;

export const queueName = (circuitVersion: number): string => `${PREFIX}${circuitVersion}`;

/** What a job's row carries. */
export interface JobData {
  readonly circuitVersion: number;
  /** Keyed hash of the body. */
  readonly body: string;
  /** The inputs, encrypted; gone as soon as the job has ended. */
  readonly sealed?: string;
}

/** A job as the database has it. */
export interface StoredJob {
  readonly job: Job;
  readonly queue: string;
  readonly body: string;
}

const row = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(["created", "retry", "active", "completed", "cancelled", "failed"]),
  version: z.int(),
  body: z.string(),
  output: z.unknown(),
});

/** The job of an id, in whichever queue. */
export async function findStored(db: Database, id: string): Promise<StoredJob | undefined> {
  const { rows } = await db.executeSql(
    `SELECT id, name, state, (data->>'circuitVersion')::int AS version, data->>'body' AS body, output
     FROM ${TABLE} WHERE ${OURS} AND id = $1`,
    [id],
  );
  const [first] = rows;
  if (first === undefined) return undefined;
  const { name, state, version, body, output } = row.parse(first);
  return { job: { id, circuitVersion: version, ...stateOf(state, output) }, queue: name, body };
}

function stateOf(
  state: z.output<typeof row>["state"],
  output: unknown,
): Outcome | { status: "queued" | "running" } {
  if (state === "created" || state === "retry") return { status: "queued" };
  if (state === "active") return { status: "running" };
  // What was written by `settle`.
  if (state === "completed") return output as Outcome;
  if (state === "cancelled")
    return { status: "cancelled", problem: { code: "cancelled", detail: "the job was cancelled" } };
  return failed("worker-failed", "every prover that took the job ended before it did");
}

/** How many jobs wait, and how many are at work, over all provers. */
export async function countStored(db: Database): Promise<{ queued: number; running: number }> {
  const { rows } = await db.executeSql(
    `SELECT count(*) FILTER (WHERE state < 'active')::int AS queued,
            count(*) FILTER (WHERE state = 'active')::int AS running
     FROM ${TABLE} WHERE ${OURS} AND state <= 'active'`,
  );
  return z.object({ queued: z.int(), running: z.int() }).parse(rows[0]);
}

/** Which of these jobs are still at work. */
export async function stillActive(db: Database, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.executeSql(
    `SELECT id FROM ${TABLE} WHERE ${OURS} AND state = 'active' AND id = ANY($1::uuid[])`,
    [ids],
  );
  return new Set(
    z
      .array(z.object({ id: z.string() }))
      .parse(rows)
      .map(({ id }) => id),
  );
}

/** Takes the inputs out of a job that has ended; without an id out of every such job, however it ended. */
export async function dropInputs(db: Database, id: string | null = null): Promise<void> {
  await db.executeSql(
    `UPDATE ${TABLE} SET data = data - 'sealed'
     WHERE ${OURS} AND state > 'active' AND jsonb_exists(data, 'sealed') AND ($1::uuid IS NULL OR id = $1)`,
    [id],
  );
}

/** Lets no other prover take a job in until the transaction ends, so that the queue's length is exact. */
export async function lockSubmissions(db: Database): Promise<void> {
  await db.executeSql("SELECT pg_advisory_xact_lock(hashtext($1))", [`${SCHEMA}.submit`]);
}
