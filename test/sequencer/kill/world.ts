import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyProvider, passphraseFromFile } from "../../../src/keys/index.ts";
import { Agents } from "../../../src/sequencer/agents/index.ts";
import { atRestSettings, Keyring } from "../../../src/sequencer/at-rest/index.ts";
import { insertApiKey, newApiKey } from "../../../src/sequencer/auth/index.ts";
import { initLog } from "../../../src/sequencer/identity/index.ts";
import { createIngest } from "../../../src/sequencer/ingest/index.ts";
import { migrate, openStore, type Store, storeSettings } from "../../../src/sequencer/store/index.ts";
import { type PostgresOptions, startPostgres, type TestPostgres } from "../../support/postgres.ts";
import type { Kind } from "../support.ts";
import { type StreamAgent, streamAgent } from "./agents.ts";
import type { ChildSettings } from "./protocol.ts";

/** A log with a few streams, whose database nobody has open. */
export interface World {
  readonly settingsFile: string;
  readonly agents: readonly StreamAgent[];
  /** Receipt keys by id. */
  readonly receiptKeys: ReadonlyMap<number, Uint8Array>;
  /** Of a PostgreSQL. */
  readonly postgres: TestPostgres | undefined;
  /** Opens the database for the test itself; it closes it before a process is begun, for the embedded one has room for one. */
  open(): Promise<Store>;
  close(): Promise<void>;
}

/** Stretching a passphrase would only cost each begun process time. */
const WORK_FACTOR = 4;

export async function makeWorld(kind: Kind, streams: number, options: PostgresOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "proofx-kill-"));
  const postgres = kind === "postgres" ? await startPostgres({ fsync: true, ...options }) : undefined;
  const settings: Omit<ChildSettings, "credential"> = {
    folder: join(folder, "log"),
    keys: join(folder, "keys"),
    passphraseFile: join(folder, "passphrase"),
    ...(postgres === undefined ? {} : { url: postgres.url }),
  };
  writeFileSync(settings.passphraseFile, "a passphrase for a test", { mode: 0o600 });
  const open = (): Promise<Store> =>
    openStore(
      storeSettings.parse({ folder: settings.folder }),
      postgres === undefined ? {} : { DATABASE_URL: postgres.url },
      { create: true },
    );
  const { agents, receiptKeys, credential } = await fill(open, settings, streams);
  const settingsFile = join(folder, "settings.json");
  writeFileSync(settingsFile, JSON.stringify({ ...settings, credential } satisfies ChildSettings), {
    mode: 0o600,
  });
  return {
    settingsFile,
    agents,
    receiptKeys,
    postgres,
    open,
    async close() {
      await postgres?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function fill(
  open: () => Promise<Store>,
  settings: Omit<ChildSettings, "credential">,
  streams: number,
) {
  const store = await open();
  try {
    await migrate(store, { backup: async () => {} });
    const keys = openKeyProvider({
      folder: settings.keys,
      passphrase: passphraseFromFile(settings.passphraseFile),
      workFactor: WORK_FACTOR,
    });
    await keys.create("log-master", "aes-256");
    const database = store.as("app");
    const sealer = new Keyring(database, keys, atRestSettings.parse({}));
    const { identity, signers } = await initLog(store, keys, { logName: "killed.example", sealer });
    const ingest = createIngest({ database, sealer, signers, identity });
    const tenant = randomUUID();
    await store
      .as("keeper")
      .transaction(null, (sql) => sql.query("INSERT INTO proofx.tenants VALUES ($1, 'killed', 1)", [tenant]));
    const key = newApiKey("killed");
    await insertApiKey(store.as("keeper"), key, { tenant, role: "admin", name: "whoever sends" });
    const registry = new Agents({ database, ingest });
    const agents: StreamAgent[] = [];
    for (let index = 0; index < streams; index += 1) agents.push(await streamAgent(tenant, ingest, registry));
    const receipt = await signers.active("receipt");
    await ingest.close();
    return { agents, receiptKeys: new Map([[receipt.keyId, receipt.publicKey]]), credential: key.text };
  } finally {
    await store.close();
  }
}
