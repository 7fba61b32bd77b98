import { readFileSync } from "node:fs";
import { Client } from "pg";
import { errorCode, UnavailableError } from "../../core/errors.ts";
import type { Look } from "../../ops/health/index.ts";
import { holdsDatabase, type StoreSettings } from "../../sequencer/store/index.ts";

const TIMEOUT_MS = 5_000;

/** Whether the log's database answers. The embedded one belongs to the sequencer's process, so that it is there is all that is seen. */
export function databaseLook({ folder, database_url_file }: StoreSettings): Look {
  return {
    part: "database",
    name: "database",
    look: async () => {
      const url = process.env.DATABASE_URL ?? readUrl(database_url_file);
      if (url !== undefined) return [{ subject: "", breached: false, summary: await askVersion(url) }];
      const there = holdsDatabase(folder);
      const summary = there ? `an embedded database is in ${folder}` : `there is no database in ${folder}`;
      return [{ subject: "", breached: !there, summary }];
    },
  };
}

function readUrl(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new UnavailableError(`${file} cannot be read (${errorCode(cause)})`, { cause });
  }
}

async function askVersion(connectionString: string): Promise<string> {
  const client = new Client({
    connectionString,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  try {
    const began = performance.now();
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
    return `PostgreSQL ${rows[0]?.server_version} answers in ${Math.round(performance.now() - began)} ms`;
  } catch (cause) {
    // Its own words may hold the URL.
    throw new UnavailableError(`the database does not answer (${errorCode(cause)})`, { cause });
  } finally {
    await client.end().catch(() => {});
  }
}
