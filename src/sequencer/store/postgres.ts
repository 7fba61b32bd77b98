import pg from "pg";
import { errorCode, UnavailableError } from "../../core/errors.ts";
import { binaryArray, isBytes, SqlList } from "./binary-array.ts";
import {
  type Connections,
  type Database,
  type Sql,
  type SqlValue,
  type Store,
  type StoreRole,
  sqlState,
} from "./database.ts";

export interface PostgresOptions {
  /** Connections a role may have. */
  readonly connections?: number;
  /** Milliseconds to wait for one. */
  readonly patience?: number;
}

const INT8 = 20;
const JSON_TYPES = { json: 114, jsonb: 3802 };
const parsers = new Map<number, (text: string) => unknown>([
  [INT8, BigInt],
  [JSON_TYPES.json, JSON.parse],
  [JSON_TYPES.jsonb, JSON.parse],
]);
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    (format !== "binary" ? parsers.get(oid) : undefined) ??
    pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig["getTypeParser"],
};

/**
 * PostgreSQL by its URL. Whoever it names must be a member of `proofx_app` and the other roles it is to work as.
 *
 * @throws UnavailableError when nobody answers; the URL, which may hold a password, is not repeated.
 */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<Store> {
  const pools = new Map<StoreRole, pg.Pool>();
  const poolOf = (role: StoreRole): pg.Pool => {
    const known = pools.get(role);
    if (known !== undefined) return known;
    const pool = makePool(url, role, options);
    pools.set(role, pool);
    return pool;
  };
  const close = async (): Promise<void> => {
    await Promise.all([...pools.values()].map((pool) => pool.end()));
  };
  try {
    await poolOf("owner").query("SELECT 1");
  } catch (cause) {
    await close();
    throw unavailable(cause);
  }
  return {
    kind: "postgres",
    as: (role) => databaseOf(poolOf(role), role),
    connections: () => [...pools].map(connectionsOf),
    close,
  };
}

function connectionsOf([role, pool]: readonly [StoreRole, pg.Pool]): Connections {
  const { totalCount, idleCount: idle, waitingCount: waiting } = pool;
  return { role, busy: totalCount - idle, idle, waiting, most: pool.options.max };
}

function makePool(
  url: string,
  role: StoreRole,
  { connections = 8, patience = 10_000 }: PostgresOptions,
): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: patience,
    types,
    application_name: `proofx ${role}`,
    // Whatever the server's default is: an answer is sent only after the commit is on disk.
    options: "-c synchronous_commit=on -c search_path=proofx,pg_catalog",
    ...(role === "owner"
      ? {}
      : { onConnect: async (client) => void (await client.query(`SET ROLE proofx_${role}`)) }),
  });
  // A connection that breaks while nobody uses it: the next query gets a new one.
  pool.on("error", () => {});
  // One that breaks between two statements of a transaction: the next statement says so.
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

function databaseOf(pool: pg.Pool, role: StoreRole): Database {
  return {
    kind: "postgres",
    role,
    async transaction(tenant, work) {
      const client = await pool.connect().catch((cause) => {
        throw unavailable(cause);
      });
      let broken: Error | undefined;
      // The server may end a connection while nothing is asked of it: without a listener that would end the process.
      const onError = (error: Error): void => {
        broken = error;
      };
      client.on("error", onError);
      try {
        await client.query("BEGIN");
        if (tenant !== null) await client.query(SET_TENANT, [tenant]);
        const result = await work(sqlOf(client));
        await client.query("COMMIT");
        return result;
      } catch (error) {
        await client.query("ROLLBACK").catch(onError);
        throw broken === undefined || sqlState(error) !== undefined ? error : unavailable(error);
      } finally {
        client.off("error", onError);
        client.release(broken);
      }
    },
  };
}

const SET_TENANT = { name: "proofx_tenant", text: "SELECT set_config('proofx.tenant', $1, true)" };

/** Every statement with values is prepared once a connection, under a name for its text. */
const names = new Map<string, string>();

function sqlOf(client: pg.PoolClient): Sql {
  return {
    async query<Row>(text: string, values: readonly SqlValue[] = []): Promise<Row[]> {
      if (values.length === 0) return (await client.query(text)).rows as Row[];
      let name = names.get(text);
      if (name === undefined) {
        name = `proofx_${names.size}`;
        names.set(text, name);
      }
      return (await client.query({ name, text, values: values.map(asSent) })).rows as Row[];
    },
  };
}

/** Lists whose type is known go in binary, others as text. */
function asSent(value: SqlValue): unknown {
  if (value instanceof SqlList) return binaryArray(value);
  return Array.isArray(value) && isBytes(value) ? binaryArray(new SqlList("bytea", value)) : value;
}

function unavailable(cause: unknown): UnavailableError {
  return new UnavailableError(`the database does not answer (${errorCode(cause)})`, {
    cause,
    next: "see that PostgreSQL runs and that DATABASE_URL is right",
  });
}
