import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { expect } from "chai";
import { toHex } from "../../../src/core/bytes.ts";
import { CheckError, InputError, ProofXError, RefusedError } from "../../../src/core/errors.ts";
import { appendToLog, EMPTY_LOG, eventLeaf, logRoot } from "../../../src/core/log/index.ts";
import { atRestSettings, eventAad, Keeper, Keyring } from "../../../src/sequencer/at-rest/index.ts";
import {
  backupBeforeMigration,
  keysFileOf,
  restoreBackup,
  takeBackup,
  verifyBackup,
} from "../../../src/sequencer/backup/index.ts";
import { tablesInOrder } from "../../../src/sequencer/backup/tables.ts";
import {
  allMigrations,
  migrate,
  openPglite,
  openPostgres,
  type Store,
} from "../../../src/sequencer/store/index.ts";
import {
  databaseSource,
  type EventRow,
  type OpenPayload,
  verifyLog,
} from "../../../src/sequencer/verify/index.ts";
import { startPostgres } from "../../support/postgres.ts";
import { type FilledStream, fillStream, TENANT } from "../filled.ts";
import { eventOf, startLog } from "../ingest/support.ts";
import { emptyStore, KINDS, type Kind, type TestStore } from "../support.ts";

const OTHER = "550e8400-e29b-41d4-a716-446655440009";

describe("A backup", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "proofx-backup-"));
  const path = (name: string): string => join(folder, name);
  let test: TestStore;
  let stream: FilledStream;
  before(async () => {
    test = await emptyStore("pglite");
    stream = await fillStream(test.store, { events: 30, batch: 8 });
    await fillStream(test.store, { tenantId: OTHER, events: 3, batch: 4 });
    await test.store.as("owner").transaction(null, async (sql) => {
      await sql.query("INSERT INTO proofx.tenant_keys VALUES ($1, 1, 'master', '\\x0102', 1, NULL)", [
        TENANT,
      ]);
      await sql.query(dataKey(1), [TENANT]);
      await sql.query(`INSERT INTO proofx.schemas VALUES ($1, 'a "type" \\,{}', 1, '{"a": [1, "x"]}', 1)`, [
        TENANT,
      ]);
    });
    await takeBackup(test.store, path("log.gz"));
  });
  after(async () => {
    await test?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is read back to its roots: every stream whole, its log root the one of its events", async () => {
    const { streams, rows } = await verifyBackup(path("log.gz"));
    expect(streams.map(({ head }) => head)).to.have.members([32n, 5n]);
    const own = streams.find(({ tenantId }) => tenantId === TENANT);
    const expected = logRoot(appendToLog(EMPTY_LOG, stream.events.map(eventLeaf)));
    expect(toHex(own?.logRoot ?? new Uint8Array())).to.equal(toHex(expected));
    expect(own?.checkpoint).to.equal(32n);
    expect(rows.events).to.equal(37);
  });

  it("is for its owner alone, and holds no key to a payload: those are in one file beside it", () => {
    expect(statSync(path("log.gz")).mode & 0o777).to.equal(0o600);
    expect(textOf(path("log.gz"))).not.to.contain("abcdef");
    expect(textOf(keysFileOf(path("log.gz")))).to.contain("abcdef");
  });

  it("taken before an agent was erased no longer opens its payloads once the next is taken, and its leaves still verify", async () => {
    const log = await startLog("pglite");
    const [agent, other] = [await log.newAgent(), await log.newAgent()];
    const rows = `SELECT * FROM proofx.events WHERE store_id = '${log.storeId}' ORDER BY sequence`;
    /** What a restore of the first backup with the keys of now gives: who can still be read, once its leaves were checked. */
    const readable = async (): Promise<Record<string, boolean>> => {
      const target = await openPglite(null);
      try {
        const keys = keysFileOf(path("erasing/first.gz"));
        const { streams } = await restoreBackup(target, path("erasing/first.gz"), { keys });
        const keeper = target.as("keeper");
        const keyring = new Keyring(keeper, log.keys, atRestSettings.parse({}));
        const open: OpenPayload = (record, sealed) => keyring.open(record, sealed);
        const { fault } = await verifyLog({ source: databaseSource(keeper), open });
        expect(fault).to.equal(undefined);
        const events = await keeper.transaction(null, (sql) => sql.query<EventRow>(rows));
        const leaves = events.map(({ leaf }) => leaf);
        expect(leaves).to.deep.equal(sealedLeaves);
        expect(toHex(logRoot(appendToLog(EMPTY_LOG, leaves)))).to.equal(
          toHex(streams.find(({ storeId }) => storeId === log.storeId)?.logRoot ?? new Uint8Array()),
        );
        const found: Record<string, boolean> = {};
        for (const { id } of [agent, other]) {
          const row = events.find((each) => each.source_agent_id === id);
          if (row === undefined) throw new Error(`no event of agent ${id}`);
          const { tenant_id: tenantId, store_id: storeId, event_id: eventId, sequence } = row;
          const { entity_type: entityType, entity_id: entityId, event_type: eventType } = row;
          const aad = eventAad({ tenantId, storeId, eventId, sequence, entityType, entityId, eventType });
          found[id] = await open({ tenant: tenantId, aad }, row.payload).then(
            () => true,
            (error: unknown) => {
              expect(error).to.be.instanceOf(RefusedError);
              return false;
            },
          );
        }
        return found;
      } finally {
        await target.close();
      }
    };
    let sealedLeaves: Uint8Array[] = [];
    try {
      for (const each of [agent, other])
        await log.ingest.submit({ tenant: log.tenant }, log.storeId, await eventOf(log, each));
      const keeper = log.store.as("keeper");
      sealedLeaves = (await keeper.transaction(null, (sql) => sql.query<EventRow>(rows))).map(
        ({ leaf }) => leaf,
      );
      await takeBackup(log.store, path("erasing/first.gz"));
      await new Keeper(keeper, log.keys, "log-master").erase(log.tenant, agent.id);
      // The file of keys is still the old one: this is what the next backup must change.
      expect(await readable()).to.deep.equal({ [agent.id]: true, [other.id]: true });
      await takeBackup(log.store, path("erasing/second.gz"));
      expect(await readable()).to.deep.equal({ [agent.id]: false, [other.id]: true });
    } finally {
      await log.close();
    }
  });

  for (const kind of KINDS)
    it(`restores into an empty ${kind} to the same rows, and the log can go on there`, async () => {
      const target = await openEmpty(kind);
      try {
        await restoreBackup(target.store, path("log.gz"), { keys: keysFileOf(path("log.gz")) });
        expect(await contentOf(target.store)).to.deep.equal(await contentOf(test.store));
        expect(await migrate(target.store, { backup: async () => {} })).to.deep.equal([]);
        await target.store.as("keeper").transaction(null, (sql) => sql.query(dataKey(2), [TENANT]));
      } finally {
        await target.close();
      }
    });

  it("is never restored over a log", async () => {
    expect(await failure(restoreBackup(test.store, path("log.gz")))).to.be.instanceOf(RefusedError);
  });

  it("with any row altered, dropped or exchanged is refused, even when its checksum is made to fit", async () => {
    const lines = textOf(path("log.gz")).trimEnd().split("\n");
    const events = lines.indexOf('{"table":"events"}');
    const at = (offset: number): string => lines[events + offset] ?? "";
    const attempts: [string, string[], string][] = [
      ["a text", lines.with(events + 5, at(5).replace("order-", "order_")), "signing_hash is not that"],
      ["a dropped event", lines.toSpliced(events + 4, 1), "expected sequence"],
      ["exchanged events", lines.with(events + 4, at(5)).with(events + 5, at(4)), "expected sequence"],
      ["a signature", lines.with(events + 5, flipSignature(at(5))), "leaf is not that"],
    ];
    for (const [what, changed, words] of attempts) {
      writeFileSync(path("changed.gz"), gzipSync(`${resealed(changed).join("\n")}\n`));
      const error = await failure(verifyBackup(path("changed.gz")));
      expect(error, what).to.be.instanceOf(CheckError);
      expect(error.message, what).to.contain(words);
    }
    const target = await openPglite(null);
    try {
      expect((await failure(restoreBackup(target, path("changed.gz")))).message).to.contain(
        "leaf is not that",
      );
      expect((await contentOf(target)).events).to.deep.equal([]);
    } finally {
      await target.close();
    }
  });

  it("with any byte flipped, or cut anywhere, is refused", async () => {
    const small = await emptyStore("pglite");
    try {
      await fillStream(small.store, { events: 1, batch: 3 });
      await takeBackup(small.store, path("small/log.gz"));
    } finally {
      await small.close();
    }
    const bytes = readFileSync(path("small/log.gz"));
    const said = gunzipSync(bytes);
    const missed: string[] = [];
    const judge = async (what: string, content: Uint8Array): Promise<void> => {
      writeFileSync(path("damaged.gz"), content);
      const held = await verifyBackup(path("damaged.gz")).then(
        () => true,
        (error: unknown) => !(error instanceof ProofXError),
      );
      // gzip has bits that mean nothing (a time, flags, what fills up a block's last byte): without them it says the same.
      if (held && !gunzipSync(content).equals(said)) missed.push(what);
    };
    for (let i = 0; i < bytes.length; i++) {
      const flipped = Uint8Array.from(bytes);
      flipped[i] = (flipped[i] ?? 0) ^ (1 << (i % 8));
      await judge(`byte ${i}`, flipped);
    }
    for (let i = 0; i < bytes.length; i += 97) await judge(`cut at ${i}`, bytes.subarray(0, i));
    expect(missed).to.deep.equal([]);
  });

  it("encrypted is opened by its identity alone", async () => {
    const identity = await generateIdentity();
    const recipient = await identityToRecipient(identity);
    await takeBackup(test.store, path("sealed/log.age"), { recipient });
    const raw = readFileSync(path("sealed/log.age"));
    expect(raw.subarray(0, 21).toString()).to.equal("age-encryption.org/v1");
    expect((await verifyBackup(path("sealed/log.age"), identity)).streams).to.have.length(2);
    expect(await failure(verifyBackup(path("sealed/log.age")))).to.be.instanceOf(InputError);
    const other = await failure(verifyBackup(path("sealed/log.age"), await generateIdentity()));
    expect(other.message).to.contain("does not open it");
    writeFileSync(path("sealed/cut.age"), raw.subarray(0, raw.length - 40));
    expect(await failure(verifyBackup(path("sealed/cut.age"), identity))).to.be.instanceOf(CheckError);
  });

  it("is one moment of a log that goes on meanwhile", async () => {
    const postgres = await emptyStore("postgres");
    try {
      await fillStream(postgres.store, { events: 40, batch: 8 });
      let others: Promise<unknown> | undefined;
      await takeBackup(postgres.store, path("moving/log.gz"), {
        onProgress: () => {
          others ??= fillStream(postgres.store, { tenantId: OTHER, events: 5 });
        },
      });
      await others;
      expect((await verifyBackup(path("moving/log.gz"))).streams).to.have.length(1);
    } finally {
      await postgres.close();
    }
  });

  it("is taken and read back before a migration", async () => {
    const next = { name: "0999-next", sql: "CREATE TABLE proofx.next (id int PRIMARY KEY)", hash: "00" };
    const store = await openPglite(null);
    try {
      await migrate(store, { backup: async () => {} });
      await fillStream(store);
      const backup = backupBeforeMigration(store, { folder: path("migrations") });
      await migrate(store, { migrations: [...allMigrations(), next], backup });
      const [file] = readdirSync(path("migrations")).filter((name) => name.includes("before-0999-next"));
      expect((await verifyBackup(join(path("migrations"), file ?? ""))).streams).to.have.length(1);
    } finally {
      await store.close();
    }
    expect(existsSync(path("migrations/keys.current.gz"))).to.equal(true);
  });
});

const dataKey = (generation: number): string =>
  "INSERT INTO proofx.data_keys (tenant_id, agent_id, generation, tenant_key_id, wrapped, created_at) " +
  `VALUES ($1, $1, ${generation}, 1, '\\xabcdef', 1)`;

const textOf = (file: string): string => gunzipSync(readFileSync(file)).toString();

async function failure(run: Promise<unknown>): Promise<Error> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProofXError)) throw new Error(`expected one of our errors, got ${String(error)}`);
  return error;
}

async function openEmpty(kind: Kind): Promise<TestStore> {
  if (kind === "pglite") {
    const store = await openPglite(null);
    return { store, close: () => store.close() };
  }
  const postgres = await startPostgres();
  const store = await openPostgres(postgres.url);
  return {
    store,
    async close() {
      await store.close();
      await postgres.close();
    },
  };
}

/** Everything in a database, table by table. */
async function contentOf(store: Store): Promise<Record<string, unknown[]>> {
  return await store.as("owner").transaction(null, async (sql) => {
    const all: Record<string, unknown[]> = {};
    for (const { name, key } of await tablesInOrder(sql)) {
      const order = key.map((column) => `"${column}"`).join(", ");
      const rows = await sql.query<{ row: string }>(
        `SELECT t::text AS row FROM proofx."${name}" t ORDER BY ${order}`,
      );
      all[name] = rows.map(({ row }) => row);
    }
    return all;
  });
}

/** As an attacker who writes a fitting manifest would. */
function resealed(lines: readonly string[]): string[] {
  const body = lines.slice(0, -1);
  const { manifest } = JSON.parse(lines.at(-1) ?? "") as { manifest: { rows: Record<string, number> } };
  const sections = body.flatMap((line, i) => (line.startsWith('{"table"') ? [i] : []));
  sections.forEach((start, k) => {
    const { table } = JSON.parse(body[start] ?? "") as { table: string };
    manifest.rows[table] = (sections[k + 1] ?? body.length) - start - 1;
  });
  const sha256 = createHash("sha256")
    .update(`${body.join("\n")}\n`)
    .digest("hex");
  return [...body, JSON.stringify({ manifest: { ...manifest, sha256 } })];
}

function flipSignature(line: string): string {
  const row = JSON.parse(line) as (string | null)[];
  const place = row.findIndex((text) => text?.length === 2 + 128);
  row[place] = `${row[place]?.slice(0, -1)}${row[place]?.endsWith("0") ? "1" : "0"}`;
  return JSON.stringify(row);
}
