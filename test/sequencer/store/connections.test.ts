import { expect } from "chai";
import { Registry } from "prom-client";
import { addConnections } from "../../../src/services/support/database.ts";
import { emptyStore, type TestStore } from "../support.ts";

describe("Connections to the log's database", function () {
  this.timeout(120_000);
  let opened: TestStore;
  before(async () => {
    opened = await emptyStore("postgres");
  });
  after(() => opened?.close());

  it("are told by role: busy while a transaction has one, idle after it", async () => {
    const registry = new Registry();
    addConnections({ registry, prefix: "proofx_sequencer_" }, opened.store);
    const app = async (): Promise<Record<string, number>> => {
      const metric = await registry.getSingleMetric("proofx_sequencer_database_connections")?.get();
      const ours = metric?.values.filter(({ labels }) => labels.role === "app") ?? [];
      return Object.fromEntries(ours.map(({ labels, value }) => [labels.state, value]));
    };
    const within = await opened.store.as("app").transaction(null, async (sql) => {
      await sql.query("SELECT 1");
      return await app();
    });
    expect(within).to.include({ busy: 1, waiting: 0, most: 8 });
    const after = await app();
    expect(after.busy).to.equal(0);
    expect(after.idle).to.be.at.least(1);
  });
});
