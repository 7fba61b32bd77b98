import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { agentRegistry, openLedger } from "../../../src/aleo/index.ts";
import { CheckError, UnavailableError } from "../../../src/core/errors.ts";
import { RULES } from "../../../src/ops/monitors/index.ts";
import { AleoQuorum } from "../../../src/ops/watcher/aleo-quorum.ts";
import { type AleoBlocks, AleoWatch, aleoState } from "../../../src/ops/watcher/aleo-watch.ts";
import { CheckpointFile } from "../../../src/ops/watcher/checkpoint.ts";
import { Endpoints } from "../../../src/ops/watcher/endpoints.ts";
import { type AleoUnderTest, needsDevnode, startAleo } from "../../aleo/support.ts";
import { KeptAlerts } from "./kept-alerts.ts";
import { behind, emptied, LyingAleoNode } from "./lying-aleo-node.ts";
import { until } from "./world.ts";

const STOP = new AbortController().signal;

describe("What happens on Aleo becomes alerts", function () {
  this.timeout(180_000);
  let aleo: AleoUnderTest;
  let folder: string;
  before(async function () {
    needsDevnode(this);
    aleo = await startAleo();
    folder = mkdtempSync(join(tmpdir(), "proofx-watcher-aleo-"));
  });
  after(async () => {
    await aleo?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const open = (alerts: KeptAlerts, ledger: AleoBlocks = aleo.ledger, file = "aleo") => {
    const checkpoint = CheckpointFile.open(join(folder, file), "Aleo", aleoState);
    const watch = new AleoWatch({
      ledger,
      programs: [agentRegistry.id],
      rules: RULES,
      alerts,
      checkpoint,
      now: Date.now,
    });
    return { watch, checkpoint, round: () => watch.round(STOP) };
  };

  it("an admin who is proposed is told of once, also after a time without the watcher", async () => {
    const alerts = new KeptAlerts();
    await open(alerts).round();
    expect(alerts.told).to.deep.equal([]);
    const { address } = await aleo.party(1);
    const { id, height } = await aleo.admin.registry.execute("propose_admin", { new_admin: address });
    const again = open(alerts);
    await again.round();
    await again.round();
    expect(alerts.told.map(({ key }) => key)).to.deep.equal([`AleoAdminCalled/aleo/${id}/0`]);
    expect(alerts.told[0]).to.deep.include({
      severity: "high",
      labels: { chain: "aleo", program: agentRegistry.id, function: "propose_admin" },
    });
    expect(alerts.told[0]?.details).to.include({ block: String(height), payer: aleo.admin.address });
  });

  /** Three nodes of which two have to say the same. */
  async function three() {
    const nodes = await Promise.all([1, 2, 3].map(() => LyingAleoNode.start(aleo.ledger.address.host)));
    const limits = { lag: 2, patience: 2, memory: 60_000 };
    const endpoints = new Endpoints(nodes.length, limits, Date.now, "aleo");
    const quorum = new AleoQuorum({
      nodes: nodes.map(({ url }) => openLedger(url, { attempts: 1, timeout: 5_000 })),
      quorum: 2,
      programs: [agentRegistry.id],
      endpoints,
    });
    const reported = () =>
      endpoints
        .findings()
        .flatMap(({ subject, breached, summary }) => (breached === true ? [[subject, summary]] : []));
    const close = () => Promise.all(nodes.map((node) => node.close()));
    return { nodes, quorum, reported, close };
  }
  const propose = async (party: number) => {
    const { address } = await aleo.party(party);
    return aleo.admin.registry.execute("propose_admin", { new_admin: address });
  };

  it("a node that leaves out what was called is outvoted and reported, one that lags or is gone holds nothing up", async () => {
    const { nodes, quorum, reported, close } = await three();
    const [, second, third] = nodes;
    try {
      const alerts = new KeptAlerts();
      const { round } = open(alerts, quorum, "three");
      await round();
      third?.lie((_path, answer) => emptied(answer));
      const first = await propose(2);
      await round();
      await until(() => reported().length > 0, reported);
      expect(reported()).to.have.length(1);
      expect(String(reported()[0])).to.match(
        /^aleo 2,endpoint aleo 2 says of the blocks .* what the others deny$/,
      );
      third?.honest();
      second?.lie(behind(await aleo.ledger.latestBlock()));
      const calls = [first];
      for (const party of [3, 1, 2]) calls.push(await propose(party));
      await round();
      await round();
      expect(alerts.told.map(({ key }) => key)).to.deep.equal(
        calls.map(({ id }) => `AleoAdminCalled/aleo/${id}/0`),
      );
      expect(String(reported()[0])).to.match(/^aleo 1,endpoint aleo 1 is [34] blocks behind/);
      await second?.close();
      await round();
      await round();
      expect(String(reported()[0])).to.match(/^aleo 1,endpoint aleo 1 does not answer/);
    } finally {
      await close();
    }
  });

  it("nodes that agree on nothing are not believed, and what was called is told once they do", async () => {
    const { nodes, quorum, close } = await three();
    try {
      const alerts = new KeptAlerts();
      const { round } = open(alerts, quorum, "two");
      await round();
      const { id } = await propose(3);
      const [, second, third] = nodes;
      second?.lie((_path, answer) => emptied(answer));
      third?.lie(() => {
        throw new Error("gone");
      });
      const error = await round().then(
        () => undefined,
        (caught: unknown) => caught,
      );
      expect(error).to.be.instanceOf(UnavailableError);
      expect(alerts.told).to.deep.equal([]);
      for (const node of nodes) node.honest();
      await round();
      expect(alerts.told.map(({ key }) => key)).to.deep.equal([`AleoAdminCalled/aleo/${id}/0`]);
    } finally {
      await close();
    }
  });

  it("a ledger that does not follow on what was seen is not believed", async () => {
    const alerts = new KeptAlerts();
    const { checkpoint } = open(alerts);
    const height = (checkpoint.last?.height ?? 1) - 1;
    checkpoint.write({ height, hash: "ab1another" }, Date.now());
    const error = await open(alerts)
      .round()
      .then(
        () => undefined,
        (caught: unknown) => caught,
      );
    expect(error).to.be.instanceOf(CheckError);
    expect((error as Error).message).to.contain("does not follow on");
    expect(alerts.told).to.deep.equal([]);
  });
});
