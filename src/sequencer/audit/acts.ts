import type { Json } from "../../core/json.ts";
import type { LogIdentity } from "../identity/index.ts";
import type { Ingest } from "../ingest/index.ts";
import type { Database } from "../store/index.ts";

/** Entity and type of the events that tell of administrative acts, in the operator's stream. */
export const ACTS = "proofx.acts";

/** Acts in one event. */
const ACTS_PER_EVENT = 64;

/** An act as the database noted it, within the act's own transaction. */
interface ActRow {
  readonly act_id: bigint;
  readonly act: string;
  /** Milliseconds since the epoch, by the database's clock. */
  readonly at: bigint;
  readonly login: string;
  readonly tenant_id: string;
  readonly subject: Json;
}

export interface ActsParts {
  /** As the app. */
  readonly database: Database;
  readonly ingest: Pick<Ingest, "appendOwn">;
  readonly identity: LogIdentity;
}

/**
 * Writes administrative acts that the database noted (tenants, credentials, keys at rest) into the operator's stream, oldest first.
 * An act leaves the database's list in the transaction of the event that tells of it: told once, whoever is killed when.
 *
 * @returns How many were written down.
 * @throws Refusal and what the database throws; nothing is lost then.
 */
export async function recordActs(parts: ActsParts): Promise<number> {
  for (let total = 0; ; ) {
    const written = await recordSome(parts);
    total += written;
    if (written < ACTS_PER_EVENT) return total;
  }
}

async function recordSome({ database, ingest, identity }: ActsParts): Promise<number> {
  const { operatorTenant, operatorStore } = identity;
  const acts = await database.transaction(operatorTenant, (sql) =>
    sql.query<ActRow>(
      "SELECT act_id, act, at, login, tenant_id::text, subject FROM proofx.acts ORDER BY act_id LIMIT $1",
      [ACTS_PER_EVENT],
    ),
  );
  if (acts.length === 0) return 0;
  const draft = { entityType: ACTS, entityId: "sequencer", eventType: ACTS, payload: payloadOf(acts) };
  try {
    await ingest.appendOwn(operatorTenant, operatorStore, draft, async (sql, sequence) => {
      const ids = acts.map(({ act_id }) => act_id);
      const [row] = await sql.query<{ taken: bigint }>(
        "SELECT proofx.take_acts($1, $2::bigint[], $3, $4) AS taken",
        [operatorTenant, ids, sequence, operatorStore],
      );
      if (row?.taken !== BigInt(acts.length)) throw new ToldElsewhere();
    });
  } catch (error) {
    if (error instanceof ToldElsewhere) return 0;
    throw error;
  }
  return acts.length;
}

/** Another process has written these down in the meantime; undoes the event that would tell of them again. */
class ToldElsewhere extends Error {}

function payloadOf(acts: readonly ActRow[]): Json {
  return {
    acts: acts.map(({ act, at, login, tenant_id, subject }) => ({
      act,
      at: new Date(Number(at)).toISOString(),
      login,
      tenant_id,
      subject,
    })),
  };
}
