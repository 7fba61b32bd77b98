import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate, openPglite, openPostgres, type Store } from "../../src/sequencer/store/index.ts";
import { startPostgres } from "../support/postgres.ts";

/** A database of its own with the newest schema, gone after `close`. */
export interface TestStore {
  readonly store: Store;
  /** Of PostgreSQL, for processes that share it. */
  readonly url?: string;
  close(): Promise<void>;
}

/** Both kinds of database, for suites that hold on either. */
export const KINDS = ["pglite", "postgres"] as const;
export type Kind = (typeof KINDS)[number];

/** A suite that holds on either: all of it on the one, then all of it on the other. */
export function describeOnEither(title: string, suite: (this: Mocha.Suite, kind: Kind) => void): void {
  for (const kind of KINDS)
    describe(`${title}, on ${kind}`, function () {
      suite.call(this, kind);
    });
}

/** Opens and migrates an empty database of the kind. */
export async function emptyStore(kind: Kind): Promise<TestStore> {
  const opened = kind === "pglite" ? await inFolder() : await onServer();
  await migrate(opened.store, { backup: async () => {} });
  return opened;
}

/** Lets no event into a stream until the function that is returned is called. */
export async function refuseEvents(store: Store, storeId: string): Promise<() => Promise<void>> {
  const name = `refuse_${storeId.replaceAll("-", "")}`;
  const owner = async (...statements: string[]): Promise<void> => {
    for (const text of statements) await store.as("owner").transaction(null, (sql) => sql.query(text));
  };
  await owner(
    `CREATE FUNCTION proofx.${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused by a test'; END $$`,
    `CREATE TRIGGER ${name} BEFORE INSERT ON proofx.events FOR EACH ROW
       WHEN (NEW.store_id = '${storeId}') EXECUTE FUNCTION proofx.${name}()`,
  );
  return () => owner(`DROP TRIGGER ${name} ON proofx.events`, `DROP FUNCTION proofx.${name}`);
}

async function inFolder(): Promise<TestStore> {
  template ??= makeTemplate();
  const folder = mkdtempSync(join(tmpdir(), "proofx-log-"));
  cpSync(await template, folder, { recursive: true });
  const store = await openPglite(folder);
  return {
    store,
    async close() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A folder with a migrated database: making one takes seconds, so it is made once a process, and goes with it. */
let template: Promise<string> | undefined;

async function makeTemplate(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "proofx-log-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const store = await openPglite(folder);
  await migrate(store, { backup: async () => {} });
  await store.close();
  return folder;
}

async function onServer(): Promise<TestStore> {
  const postgres = await startPostgres();
  const store = await openPostgres(postgres.url);
  return {
    store,
    url: postgres.url,
    async close() {
      await store.close();
      await postgres.close();
    },
  };
}
