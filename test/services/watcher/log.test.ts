import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { logReader } from "../../../src/cli/watcher/logs.ts";
import { CheckError } from "../../../src/core/errors.ts";
import { RULES } from "../../../src/ops/monitors/index.ts";
import type { Rule } from "../../../src/ops/monitors/rule.ts";
import { CheckpointFile } from "../../../src/ops/watcher/checkpoint.ts";
import { LogWatch, logState } from "../../../src/ops/watcher/log-watch.ts";
import { newCredential, startWorld, type Tenant, type World } from "../sequencer/world.ts";
import { KeptAlerts } from "./kept-alerts.ts";

const STOP = new AbortController().signal;

/** For events that the test sends itself. */
const PAYMENT: Rule = {
  id: "PaymentSent",
  title: "A payment was sent",
  severity: "low",
  source: { kind: "log", eventTypes: ["payment.*"] },
  resolves: { by: "hand" },
  asked: "this test",
};

describe("What happens in the log becomes alerts", function () {
  this.timeout(60_000);
  let world: World;
  let tenant: Tenant;
  let folder: string;
  let checkpoints = 0;
  before(async () => {
    world = await startWorld();
    tenant = await world.newTenant();
    folder = mkdtempSync(join(tmpdir(), "proofx-watcher-log-"));
    const credential = await newCredential(world.store, tenant.tenant, "reader");
    writeFileSync(join(folder, "token"), `${credential}\n`, { mode: 0o600 });
  });
  after(async () => {
    await world?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const send = async (count: number, eventType = "payment.sent") => {
    for (let i = 0; i < count; i++) {
      const { status, text } = await world.send(tenant, { eventType });
      if (status >= 300) throw new Error(text);
    }
  };
  function watch(
    options: { file?: string; from?: bigint; rules?: readonly Rule[]; alerts?: KeptAlerts } = {},
  ) {
    const file = options.file ?? join(folder, `checkpoint-${++checkpoints}`);
    const alerts = options.alerts ?? new KeptAlerts();
    const logWatch = new LogWatch({
      reader: logReader({
        url: world.url(),
        tenant: tenant.tenant,
        store: tenant.storeId,
        token_file: join(folder, "token"),
      }),
      rules: options.rules ?? [PAYMENT],
      alerts,
      checkpoint: CheckpointFile.open(file, "log", logState),
      fromSequence: options.from,
      now: Date.now,
    });
    return { alerts, file, logWatch, round: () => logWatch.round(STOP) };
  }

  it("tells of each event of a type once, in order, also of those while it was down", async () => {
    const { alerts, file, round, logWatch } = watch();
    await round();
    expect(alerts.told).to.deep.equal([]);
    const before = logWatch.sequence ?? 0n;
    await send(2);
    await send(1, "order.placed");
    await round();
    await round();
    expect(alerts.told.map(({ key }) => key)).to.deep.equal(
      [1n, 2n].map((n) => `PaymentSent/log/${tenant.storeId}/${before + n}`),
    );
    expect(alerts.told[0]).to.deep.include({
      phase: "open",
      labels: { tenant: tenant.tenant, store: tenant.storeId, type: "payment.sent" },
    });
    await send(3);
    const again = watch({ file });
    await again.round();
    expect(again.alerts.told.map(({ details }) => BigInt(details.sequence ?? 0))).to.deep.equal(
      [4n, 5n, 6n].map((n) => before + n),
    );
  });

  it("begins where it is told to, and keeps its place when an alert cannot be kept", async () => {
    await send(1);
    const { alerts, round, logWatch } = watch({ from: 1n });
    alerts.broken = true;
    await round().then(
      () => expect.fail("the round should have failed"),
      ({ message }: Error) => expect(message).to.equal("the disk is full"),
    );
    expect(logWatch.sequence).to.equal(0n);
    alerts.broken = false;
    await round();
    expect(alerts.told.length).to.be.greaterThan(0);
  });

  it("says so when the log was set back to before what it saw", async () => {
    const { file, round } = watch();
    await round();
    CheckpointFile.open(file, "log", logState).write({ sequence: "1000000" }, Date.now());
    const error = await watch({ file })
      .round()
      .then(
        () => undefined,
        (caught: unknown) => caught,
      );
    expect(error).to.be.instanceOf(CheckError);
    expect((error as CheckError).message).to.contain("event 1000000 was there");
  });

  it("an agent's key that is revoked is an alert of the rules", async () => {
    const { alerts, round } = watch({ rules: RULES });
    await round();
    const { agent, storeId, credential } = tenant;
    const path = `/v1/stores/${storeId}/agents/${agent.id}/keys/1/revoke`;
    const { status, text } = await world.call(path, { credential, body: { reason: "it was stolen" } });
    expect(status, text).to.be.lessThan(300);
    await round();
    expect(alerts.lines()).to.deep.equal(["AgentKeyRevoked open"]);
  });

  it("says so when the log does not answer or its credential is refused", async () => {
    const { round } = watch();
    writeFileSync(join(folder, "token"), "px_live_wrong\n", { mode: 0o600 });
    const error = await round().then(
      () => undefined,
      (caught: unknown) => caught,
    );
    expect(error).to.be.instanceOf(Error);
    expect((error as Error).message).to.not.contain("px_live_wrong");
  });
});
