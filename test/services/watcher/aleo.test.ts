import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { agentRegistry } from "../../../src/aleo/index.ts";
import { CheckError } from "../../../src/core/errors.ts";
import { RULES } from "../../../src/ops/monitors/index.ts";
import { AleoWatch, aleoState } from "../../../src/ops/watcher/aleo-watch.ts";
import { CheckpointFile } from "../../../src/ops/watcher/checkpoint.ts";
import { type AleoUnderTest, needsDevnode, startAleo } from "../../aleo/support.ts";
import { KeptAlerts } from "./kept-alerts.ts";

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

  const open = (alerts: KeptAlerts) => {
    const checkpoint = CheckpointFile.open(join(folder, "aleo"), "Aleo", aleoState);
    const watch = new AleoWatch({
      ledger: aleo.ledger,
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
