import { expect } from "chai";
import fc from "fast-check";
import { type ElementType, type Sql, SqlList } from "../../../src/sequencer/store/index.ts";
import { emptyStore, KINDS, type TestStore } from "../support.ts";

/** What fits each type, its ends among them; texts without U+0000, which PostgreSQL has not. */
const VALUES: Readonly<Record<ElementType, fc.Arbitrary<SqlList["items"][number]>>> = {
  bytea: fc.uint8Array({ maxLength: 70 }).map((bytes) => Uint8Array.from(bytes)),
  int2: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
  int4: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  int8: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  text: fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
  uuid: fc.uuid(),
};

for (const kind of KINDS) {
  describe(`Lists as they reach ${kind}`, function () {
    this.timeout(120_000);
    let made: TestStore;
    before(async () => {
      made = await emptyStore(kind);
    });
    after(() => made.close());

    for (const [type, values] of Object.entries(VALUES) as [ElementType, (typeof VALUES)[ElementType]][]) {
      it(`${type}: every value, null and the empty list`, async () => {
        await made.store.as("owner").transaction(null, async (sql) => {
          const items = fc.array(fc.option(values), { maxLength: 20 });
          await fc.assert(
            fc.asyncProperty(items, async (list) => {
              expect(await roundTrip(sql, type, list)).to.deep.equal(list.map(plain));
            }),
            { numRuns: 40, examples: [[[]], [[null]]] },
          );
        });
      });
    }

    it("numbers for int8, as they come", async () => {
      await made.store.as("owner").transaction(null, async (sql) => {
        expect(await roundTrip(sql, "int8", [1, 2n ** 53n])).to.deep.equal([1n, 2n ** 53n]);
      });
    });
  });
}

describe("Lists that are none of their type", () => {
  it("are refused before anything is sent", async () => {
    const made = await emptyStore("postgres");
    try {
      const send = (type: ElementType, items: SqlList["items"]) =>
        made.store
          .as("owner")
          .transaction(null, (sql) => roundTrip(sql, type, items))
          .catch((error: unknown) => error);
      expect(await send("uuid", ["not a UUID"]))
        .to.have.property("message")
        .that.includes("UUID");
      expect(await send("int2", [2 ** 15])).to.be.instanceOf(RangeError);
      expect(await send("int8", [2n ** 63n])).to.be.instanceOf(RangeError);
    } finally {
      await made.close();
    }
  });
});

/** What the database makes of a list's elements, one by one. */
async function roundTrip(sql: Sql, type: ElementType, items: SqlList["items"]): Promise<unknown[]> {
  const text = `SELECT e FROM unnest($1::${type}[]) WITH ORDINALITY AS u (e, place) ORDER BY place`;
  const rows = await sql.query<{ e: unknown }>(text, [new SqlList(type, items)]);
  return rows.map(({ e }) => plain(e));
}

const plain = (value: unknown): unknown => (value instanceof Uint8Array ? Uint8Array.from(value) : value);
