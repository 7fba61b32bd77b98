import { readFileSync } from "node:fs";
import { z } from "zod";
import { errorCode, InputError, UnavailableError } from "../../core/errors.ts";
import type { Store } from "./database.ts";
import { holdsDatabase, openPglite } from "./pglite.ts";
import { openPostgres } from "./postgres.ts";

/** The `[store]` section: where the log is kept. */
export const storeSettings = z.strictObject({
  /** The embedded database's folder; used when there is no database URL. */
  folder: z.string({ error: "a folder" }).min(1, { error: "a folder" }).default(".proofx/log"),
  /** A file of mode 0600 with the URL of a PostgreSQL; the environment's DATABASE_URL wins over it. */
  database_url_file: z.string({ error: "a file that holds a PostgreSQL URL" }).min(1).optional(),
  /** Connections to PostgreSQL a role. */
  connections: z.int({ error: "a number of connections, at least 2" }).min(2).max(200).default(8),
});

export type StoreSettings = z.output<typeof storeSettings>;

export interface OpenOptions {
  /** Makes an empty embedded database where there is none: for the commands that fill it. */
  readonly create?: boolean;
}

/**
 * Opens the log's database: PostgreSQL when there is a URL, else the embedded one.
 *
 * @throws RefusedError when the embedded one is open elsewhere; UnavailableError when it is not there, or PostgreSQL does not
 *   answer.
 */
export async function openStore(
  settings: StoreSettings,
  env: { readonly DATABASE_URL?: string } = process.env,
  { create = false }: OpenOptions = {},
): Promise<Store> {
  const url = env.DATABASE_URL ?? readUrl(settings.database_url_file);
  if (url === undefined) return await openEmbedded(settings.folder, create);
  if (!/^postgres(ql)?:\/\//.test(url))
    throw new InputError("DATABASE_URL: expected postgres://..., got another scheme");
  return await openPostgres(url, { connections: settings.connections });
}

async function openEmbedded(folder: string, create: boolean): Promise<Store> {
  if (!create && !holdsDatabase(folder))
    throw new UnavailableError(`no log at ${folder}`, {
      next: "npx proofx log init, or name where it is: [store] folder of the configuration, or DATABASE_URL",
    });
  return await openPglite(folder);
}

function readUrl(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new UnavailableError(`[store] database_url_file: ${file} cannot be read (${errorCode(cause)})`, {
      cause,
    });
  }
}
