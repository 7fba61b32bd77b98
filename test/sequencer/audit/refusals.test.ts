import { expect } from "chai";
import fc from "fast-check";
import {
  EVENTS_PER_FLUSH,
  REFUSAL_CAUSES,
  RefusalLedger,
  type RefusalNote,
} from "../../../src/sequencer/audit/index.ts";
import type { OwnDraft } from "../../../src/sequencer/ingest/index.ts";
import { startLog } from "../ingest/support.ts";

interface Written {
  readonly cause: string;
  readonly tenant_id: string | null;
  readonly source: string;
  readonly count: number;
  readonly first: string;
  readonly last: string;
}

const refusalsOf = ({ payload }: OwnDraft): Written[] =>
  (payload as unknown as { refusals: Written[] }).refusals;

/** A ledger whose events are kept, and whose appending can be made to fail. */
function ledgerWith(fails: () => boolean = () => false) {
  const drafts: OwnDraft[] = [];
  const errors: unknown[] = [];
  const clock = { now: 1_000 };
  const ledger = new RefusalLedger({
    append: async (draft) => {
      if (fails()) throw new Error("the log takes nothing");
      drafts.push(draft);
    },
    onError: (error) => errors.push(error),
    now: () => clock.now,
  });
  return { ledger, drafts, errors, clock };
}

const note = fc.record<RefusalNote>({
  cause: fc.constantFrom(...REFUSAL_CAUSES),
  tenant: fc.option(fc.uuid(), { nil: undefined }),
  source: fc.oneof(fc.ipV6(), fc.string({ maxLength: 40 }), fc.constantFrom("px_live_a", "other")),
});

describe("Refusals", function () {
  this.timeout(60_000);

  it("are counted by cause, tenant and source, with the times of the first and the last", async () => {
    const { ledger, drafts, clock } = ledgerWith();
    for (clock.now of [1_000, 2_000, 3_000])
      ledger.note({ cause: "forbidden", tenant: "a", source: "px_live_a" });
    ledger.note({ cause: "forbidden", tenant: "b", source: "px_live_b" });
    ledger.note({ cause: "credential-missing", source: "192.0.2.0/24" });
    clock.now = 60_000;
    await ledger.flush();
    const [draft] = drafts;
    expect(draft).to.include({ eventType: "proofx.refusals", entityType: "proofx.refusals" });
    expect(draft?.payload).to.include({ from: "1970-01-01T00:00:01.000Z", to: "1970-01-01T00:01:00.000Z" });
    expect(draft === undefined ? [] : refusalsOf(draft)[0]).to.deep.equal({
      cause: "forbidden",
      tenant_id: "a",
      source: "px_live_a",
      count: 3,
      first: "1970-01-01T00:00:01.000Z",
      last: "1970-01-01T00:00:03.000Z",
    });
    expect(draft === undefined ? 0 : refusalsOf(draft).length).to.equal(3);
  });

  it("of any flood are at most so many events, which count every single one", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(note, { maxLength: 2_000, minLength: 1, size: "max" }), async (flood) => {
        const { ledger, drafts } = ledgerWith();
        for (const each of flood) ledger.note(each);
        await ledger.flush();
        expect(drafts.length).to.be.within(1, EVENTS_PER_FLUSH);
        const total = drafts.flatMap(refusalsOf).reduce((sum, { count }) => sum + count, 0);
        expect(total).to.equal(flood.length);
      }),
      { numRuns: 50 },
    );
  });

  it("of a hundred thousand strangers crowd out no credential's, and make small events", async () => {
    const { ledger, drafts } = ledgerWith();
    for (let index = 0; index < 100_000; index++)
      ledger.note({
        cause: "api-key-unknown",
        source: `2001:db8:${(index % 65_536).toString(16)}:0:0:0:0:0/48`,
      });
    ledger.note({ cause: "api-key-revoked", tenant: "a", source: "px_live_stolen" });
    await ledger.flush();
    const all = drafts.flatMap(refusalsOf);
    expect(all.find(({ source }) => source === "px_live_stolen")).to.include({ count: 1, tenant_id: "a" });
    expect(all.find(({ source }) => source === "other")?.count).to.be.greaterThan(99_000);
    for (const draft of drafts) expect(JSON.stringify(draft).length).to.be.lessThan(32_768);
  });

  it("that cannot be appended are kept in the same room, and told of later", async () => {
    let failing = true;
    const { ledger, drafts, errors, clock } = ledgerWith(() => failing);
    for (let minute = 1; minute <= 20; minute++) {
      for (let index = 0; index < 300; index++)
        ledger.note({ cause: "api-key-unknown", source: `10.${minute}.${index % 256}.0/24` });
      clock.now += 60_000;
      await ledger.flush();
    }
    expect(errors.length).to.equal(20);
    failing = false;
    await ledger.close();
    expect(drafts.length).to.be.within(1, EVENTS_PER_FLUSH);
    expect(drafts[0]?.payload).to.include({ from: "1970-01-01T00:00:01.000Z" });
    expect(drafts.flatMap(refusalsOf).reduce((sum, { count }) => sum + count, 0)).to.equal(6_000);
  });

  it("that did not happen make no event", async () => {
    const { ledger, drafts } = ledgerWith();
    await ledger.flush();
    await ledger.close();
    expect(drafts).to.deep.equal([]);
  });

  it("are signed events of the operator's stream once the sequencer stops", async () => {
    const log = await startLog("pglite");
    try {
      const { operatorTenant, operatorStore } = log.identity;
      const ledger = new RefusalLedger({
        append: (draft) => log.ingest.appendOwn(operatorTenant, operatorStore, draft),
        onError: (error) => {
          throw error;
        },
      });
      ledger.start();
      ledger.note({ cause: "forbidden", tenant: log.tenant, source: "px_live_a" });
      await ledger.close();
      const rows = await log.store
        .as("owner")
        .transaction(null, (sql) =>
          sql.query<{ tenant_id: string; store_id: string }>(
            "SELECT tenant_id, store_id FROM proofx.events WHERE event_type = 'proofx.refusals'",
          ),
        );
      expect(rows).to.deep.equal([{ tenant_id: operatorTenant, store_id: operatorStore }]);
    } finally {
      await log.close();
    }
  });
});
