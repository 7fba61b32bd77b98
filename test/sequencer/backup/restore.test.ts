import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { CheckError } from "../../../src/core/errors.ts";
import { keysFileOf, restoreBackup, takeBackup } from "../../../src/sequencer/backup/index.ts";
import type { Store } from "../../../src/sequencer/store/index.ts";
import { AGENT, fillStream, STORE, TENANT } from "../filled.ts";
import { emptyStore, KINDS, type Kind, type TestStore } from "../support.ts";

const ERASED_AGENT = "550e8400-e29b-41d4-a716-446655440005";
const LATER_TENANT = "550e8400-e29b-41d4-a716-446655440009";
const [LIVE_EVENT, ERASED_EVENT] = [3, 4].map(
  (n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
);

describe("Restoring a backup", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "proofx-restore-"));
  const older = join(folder, "older.gz");
  const newestKeys = keysFileOf(older);
  before(async () => {
    const { store, close } = await emptyStore("pglite");
    try {
      await fillStream(store);
      await addTenantKey(store, TENANT);
      await addProof(store, LIVE_EVENT, await addDataKey(store, TENANT, AGENT));
      const erased = await addDataKey(store, TENANT, ERASED_AGENT);
      await addProof(store, ERASED_EVENT, erased);
      await run(
        store,
        "UPDATE proofx.data_keys SET wrapped = NULL, destroyed_at = 2 WHERE data_key_id = $1",
        erased,
      );
      await takeBackup(store, older);
      await run(store, "INSERT INTO proofx.tenants VALUES ($1, 'later', 1)", LATER_TENANT);
      await addTenantKey(store, LATER_TENANT);
      for (const agent of [AGENT, ERASED_AGENT]) await addDataKey(store, LATER_TENANT, agent);
      await takeBackup(store, join(folder, "newer.gz"));
    } finally {
      await close();
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const kind of KINDS) {
    it(`brings an older log back with newer keys into ${kind}, proofs of erased agents too, and counts the keys it skips`, () =>
      withTarget(kind, async (store) => {
        const { skippedKeys } = await restoreBackup(store, older, { keys: newestKeys });
        expect(skippedKeys).to.deep.equal({ tenant_keys: 1, data_keys: 2 });
        expect(await countsOf(store)).to.deep.equal({ tenant_keys: 1, data_keys: 2, compliance_proofs: 2 });
        await expectHeldKeys(store);
      }));

    it(`brings a log with proofs back into ${kind} without any keys`, () =>
      withTarget(kind, async (store) => {
        const { skippedKeys } = await restoreBackup(store, older);
        expect(skippedKeys).to.deep.equal({});
        expect(await countsOf(store)).to.deep.equal({ tenant_keys: 0, data_keys: 0, compliance_proofs: 2 });
      }));
  }

  it("skips nothing when keys and log are of one time", () =>
    withTarget("pglite", async (store) => {
      const { skippedKeys } = await restoreBackup(store, join(folder, "newer.gz"), { keys: newestKeys });
      expect(skippedKeys).to.deep.equal({});
      expect(await countsOf(store)).to.deep.equal({ tenant_keys: 2, data_keys: 4, compliance_proofs: 2 });
    }));

  it("leaves the database empty when the keys turn out damaged, so that the next try succeeds", () =>
    withTarget("pglite", async (store) => {
      const cut = join(folder, "cut.gz");
      const whole = readFileSync(newestKeys);
      writeFileSync(cut, whole.subarray(0, whole.length - 12));
      const error = await restoreBackup(store, older, { keys: cut }).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(CheckError);
      expect(await countsOf(store)).to.deep.equal({ tenant_keys: 0, data_keys: 0, compliance_proofs: 0 });
      await restoreBackup(store, older, { keys: newestKeys });
      await expectHeldKeys(store);
    }));
});

/** A new proof is still refused under a destroyed key, and taken under a live one. */
async function expectHeldKeys(store: Store): Promise<void> {
  const keys = await run<{ id: bigint; live: boolean }>(
    store,
    "SELECT data_key_id AS id, wrapped IS NOT NULL AS live FROM proofx.data_keys ORDER BY live",
  );
  const [destroyed, live] = keys;
  const refused = await addProof(store, LIVE_EVENT, destroyed?.id ?? 0n).catch((reason: unknown) => reason);
  expect(String(refused)).to.contain("data key that was destroyed");
  await addProof(store, LIVE_EVENT, live?.id ?? 0n);
}

async function withTarget(kind: Kind, use: (store: Store) => Promise<void>): Promise<void> {
  const target: TestStore = await emptyStore(kind);
  try {
    await use(target.store);
  } finally {
    await target.close();
  }
}

const run = <Row>(store: Store, text: string, ...values: unknown[]): Promise<Row[]> =>
  store.as("owner").transaction(null, (sql) => sql.query<never>(text, values as never)) as Promise<Row[]>;

const addTenantKey = (store: Store, tenant: string): Promise<unknown> =>
  run(store, "INSERT INTO proofx.tenant_keys VALUES ($1, 1, 'master', '\\x0102', 1, NULL)", tenant);

async function addDataKey(store: Store, tenant: string, agent: string): Promise<bigint> {
  const [row] = await run<{ id: bigint }>(
    store,
    `INSERT INTO proofx.data_keys (tenant_id, agent_id, generation, tenant_key_id, wrapped, created_at)
     VALUES ($1, $2, 1, 1, '\\xabcdef', 1) RETURNING data_key_id AS id`,
    tenant,
    agent,
  );
  return row?.id ?? 0n;
}

/** A proof sealed under a data key, as far as the database looks: its first bytes name the key. */
async function addProof(store: Store, event: string | undefined, dataKey: bigint): Promise<void> {
  const sealed = Buffer.alloc(100);
  sealed.write("SSE2");
  sealed.writeBigUInt64BE(dataKey, 4);
  await run(
    store,
    "INSERT INTO proofx.compliance_proofs VALUES ($1, $2, $3, gen_random_uuid(), 'x', 1, $4, $4, $5, 1)",
    TENANT,
    STORE,
    event,
    new Uint8Array(32),
    new Uint8Array(sealed),
  );
}

async function countsOf(store: Store): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of ["tenant_keys", "data_keys", "compliance_proofs"]) {
    const [row] = await run<{ n: number }>(store, `SELECT count(*)::int AS n FROM proofx.${table}`);
    counts[table] = row?.n ?? 0;
  }
  return counts;
}
