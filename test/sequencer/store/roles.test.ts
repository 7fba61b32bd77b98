import { expect } from "chai";
import {
  type Database,
  migrate,
  type Sql,
  type StoreRole,
  sqlState,
} from "../../../src/sequencer/store/index.ts";
import { emptyStore, KINDS, type TestStore } from "../support.ts";

const TENANT = "550e8400-e29b-41d4-a716-446655440000";
const OTHER = "550e8400-e29b-41d4-a716-446655440001";
const STORE = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
const bytes = (length: number, value = 1): Uint8Array => new Uint8Array(length).fill(value);

/** Appends `count` events through the one function that may, whatever they say. */
export async function append(
  sql: Sql,
  tenant: string,
  start: bigint,
  count: number,
  seed = 0,
): Promise<void> {
  const each = <T>(make: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, index) => make(index));
  const id = (index: number): string => `00000000-0000-4000-8000-${String(seed + index).padStart(12, "0")}`;
  await sql.query(
    `SELECT proofx.append_events(${Array.from({ length: 25 }, (_, index) => `$${index + 1}`).join(", ")})`,
    [
      tenant,
      STORE,
      start,
      each(id),
      each(() => 3),
      each(() => OTHER),
      each(() => 1n),
      each(() => 'an "entity" {\\,}'),
    ]
      .concat([
        each((index) => String(seed + index)),
        each(() => "type"),
        each(() => "2026-01-01T00:00:00Z"),
      ] as never)
      .concat([each((index) => (index % 2 ? id(index) : null)), each(() => "18446744073709551615")] as never)
      .concat([
        each((index) => (index % 2 ? bytes(32) : null)),
        each(() => 0),
        each(() => bytes(40)),
      ] as never)
      .concat([
        each(() => bytes(32)),
        each(() => bytes(32)),
        each(() => bytes(64)),
        each(() => bytes(32)),
      ] as never)
      .concat([
        each(() => bytes(32)),
        each(() => 1n),
        each(() => 5n),
        each(() => 1),
        each(() => bytes(64)),
      ] as never),
  );
}

for (const kind of KINDS) {
  describe(`The log's tables on ${kind}`, function () {
    this.timeout(60_000);
    let test: TestStore;
    let app: Database;
    before(async () => {
      test = await emptyStore(kind);
      app = test.store.as("app");
      await test.store.as("keeper").transaction(null, async (sql) => {
        for (const tenant of [TENANT, OTHER])
          await sql.query("INSERT INTO proofx.tenants VALUES ($1, 'name', 1)", [tenant]);
      });
      for (const tenant of [TENANT, OTHER])
        await app.transaction(tenant, async (sql) => {
          await sql.query("SELECT proofx.open_stream($1, $2, $3, 1)", [
            tenant,
            STORE,
            bytes(32, tenant === TENANT ? 1 : 2),
          ]);
          await append(sql, tenant, 1n, 4);
        });
    });
    after(() => test?.close());

    const refused = async (role: StoreRole, text: string, tenant = TENANT): Promise<string> => {
      try {
        await test.store.as(role).transaction(tenant, (sql) => sql.query(text));
      } catch (error) {
        return sqlState(error) ?? String(error);
      }
      return "done";
    };

    it("are brought to the newest schema once", async () => {
      expect(
        await migrate(test.store, { backup: () => Promise.reject(new Error("not needed")) }),
      ).to.deep.equal([]);
    });

    it("keep what was appended, whatever characters are in it", async () => {
      const [row] = await app.transaction(TENANT, (sql) =>
        sql.query(
          "SELECT sequence, entity_type, base_version, payload, facts_commitment FROM events ORDER BY sequence LIMIT 1",
        ),
      );
      expect({ ...row, payload: Array.from(row?.payload as Uint8Array) }).to.deep.equal({
        sequence: 1n,
        entity_type: 'an "entity" {\\,}',
        base_version: "18446744073709551615",
        payload: Array.from(bytes(40)),
        facts_commitment: null,
      });
    });

    for (const statement of [
      "UPDATE events SET event_type = 'other'",
      "UPDATE events SET payload = ''",
      "DELETE FROM events",
      "TRUNCATE events",
      "INSERT INTO events SELECT * FROM events",
      "UPDATE streams SET head = 1",
      "DELETE FROM streams",
      "UPDATE agent_keys SET revoked_at = NULL",
      "INSERT INTO agent_keys SELECT * FROM agent_keys",
      "SELECT * FROM api_keys",
      "DELETE FROM checkpoints",
      "ALTER TABLE events DISABLE ROW LEVEL SECURITY",
      "SELECT proofx.require_tenant(NULL)",
    ])
      it(`do not let the API's role: ${statement}`, async () => {
        expect(await refused("app", statement)).to.equal("42501");
      });

    for (const statement of [
      "SELECT payload FROM events",
      "SELECT * FROM events",
      "UPDATE events SET leaf = leaf",
    ])
      it(`do not let the anchor's role: ${statement}`, async () => {
        expect(await refused("anchor", statement)).to.equal("42501");
      });

    for (const statement of [
      "UPDATE events SET leaf = leaf",
      "DELETE FROM events",
      "UPDATE streams SET head = 1",
      "UPDATE api_keys SET hash = hash",
    ])
      it(`do not let the keeper's role: ${statement}`, async () => {
        expect(await refused("keeper", statement)).to.equal("42501");
      });

    it("show the API one tenant's rows, and none when no tenant is named", async () => {
      const count = "SELECT count(*) AS n FROM events";
      const counts = await Promise.all(
        [TENANT, null].map((tenant) => app.transaction(tenant, (sql) => sql.query(count))),
      );
      expect(counts.map(([row]) => row?.n)).to.deep.equal([4n, 0n]);
      const [row] = await app.transaction(TENANT, (sql) =>
        sql.query("SELECT count(*) AS n FROM events WHERE tenant_id = $1", [OTHER]),
      );
      expect(row?.n).to.equal(0n);
    });

    it("do not append for another tenant", async () => {
      const error = await app
        .transaction(TENANT, (sql) => append(sql, OTHER, 5n, 1, 100))
        .catch((reason) => reason);
      expect(sqlState(error)).to.equal("42501");
    });

    for (const statement of [
      "DELETE FROM streams",
      `UPDATE streams SET store_id = '${OTHER}'`,
      `UPDATE streams SET tenant_id = '${OTHER}'`,
    ])
      it(`keep a stream that has events, even from their owner: ${statement}`, async () => {
        expect(await refused("owner", statement)).to.equal("23503");
      });

    it("append to no stream that was not opened", async () => {
      const unopened = test.store
        .as("app")
        .transaction(OTHER, (sql) => append(sql, OTHER, 1n, 1))
        .catch(sqlState);
      expect(await unopened).to.equal("40001");
    });

    it("take no gap, no repeat and no rewind, and then nothing of that transaction", async () => {
      for (const [start, seed, state] of [
        [6n, 100, "40001"],
        [4n, 100, "40001"],
        [1n, 100, "40001"],
        [5n, 0, "23505"],
      ] as const) {
        const error = await app
          .transaction(TENANT, (sql) => append(sql, TENANT, start, 1, seed))
          .catch((e) => e);
        expect(sqlState(error), String(start)).to.equal(state);
      }
      const [row] = await app.transaction(TENANT, (sql) => sql.query("SELECT head FROM streams"));
      expect(row?.head).to.equal(4n);
    });

    it("let one transaction after the other append, however many come at once", async () => {
      await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          app.transaction(OTHER, async (sql) => {
            const [row] = await sql.query<{ head: bigint }>("SELECT * FROM proofx.lock_stream($1, $2)", [
              OTHER,
              STORE,
            ]);
            await append(sql, OTHER, (row?.head ?? 0n) + 1n, 3, 1000 + index * 3);
          }),
        ),
      );
      const rows = await app.transaction(OTHER, (sql) => sql.query("SELECT sequence FROM events ORDER BY 1"));
      expect(rows.map(({ sequence }) => sequence)).to.deep.equal(
        Array.from({ length: 28 }, (_, i) => BigInt(i + 1)),
      );
    });
  });
}
