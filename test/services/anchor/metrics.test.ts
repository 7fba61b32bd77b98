import { expect } from "chai";
import { UnavailableError } from "../../../src/core/errors.ts";
import type { Store } from "../../../src/sequencer/store/index.ts";
import { addGauges } from "../../../src/services/anchor/metrics.ts";
import { countedStore, createDatabaseMetrics } from "../../../src/services/support/database.ts";
import { createMetrics } from "../../../src/services/support/metrics.ts";

type Gauged = Parameters<typeof addGauges>[1];

const SILENT: readonly (readonly [what: string, counts: () => Promise<never>])[] = [
  ["is gone", () => Promise.reject(new UnavailableError("the database does not answer"))],
  ["says nothing", () => new Promise<never>(() => {})],
];

describe("An anchor's metrics", () => {
  for (const [what, counts] of SILENT)
    it(`are there while the database ${what}: the rule about it reads them`, async () => {
      const metrics = createMetrics("anchor");
      createDatabaseMetrics(metrics).unanswered();
      const watched = {
        anchoring: { view: () => ({ waiting: new Map([["s", { cause: "fork", detail: "" }]]) }) },
        store: { counts },
        pool: { size: 0 },
      } as unknown as Gauged;
      addGauges(metrics, watched);
      const text = await metrics.registry.metrics();
      expect(text).to.include('proofx_anchor_database_errors_total{service="anchor"} 1');
      expect(text).to.include('proofx_anchor_streams_waiting{cause="fork",service="anchor"} 1');
      expect(text).to.not.match(/^proofx_anchor_(batches|oldest_pending_seconds)\b/m);
    });

  it("count transactions, and those that the database did not answer, of every role", async () => {
    const metrics = createMetrics("anchor");
    const answers = [() => Promise.resolve(7), () => Promise.reject(new UnavailableError("gone"))];
    const store: Store = {
      kind: "postgres",
      as: (role) => ({
        kind: "postgres",
        role,
        transaction: () => (answers.shift() as () => Promise<never>)(),
      }),
      close: async () => {},
    };
    const counted = countedStore(store, createDatabaseMetrics(metrics));
    expect(await counted.as("anchor").transaction(null, async () => 0)).to.equal(7);
    const error = await counted
      .as("keeper")
      .transaction(null, async () => 0)
      .catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(UnavailableError);
    const text = await metrics.registry.metrics();
    expect(text).to.include('proofx_anchor_database_seconds_count{service="anchor"} 2');
    expect(text).to.include('proofx_anchor_database_errors_total{service="anchor"} 1');
  });
});
