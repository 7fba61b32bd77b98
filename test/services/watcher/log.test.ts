import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { logReader } from "../../../src/cli/watcher/logs.ts";
import { CheckError, UnavailableError } from "../../../src/core/errors.ts";
import {
  checkpointText,
  keyProviderSigner,
  noteText,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  SIGNATURE_TYPE,
  signNote,
} from "../../../src/core/log/index.ts";
import { RULES } from "../../../src/ops/monitors/index.ts";
import type { Rule } from "../../../src/ops/monitors/rule.ts";
import { CheckpointFile } from "../../../src/ops/watcher/checkpoint.ts";
import { type LogReader, LogWatch, logState } from "../../../src/ops/watcher/log-watch.ts";
import { newCredential, startWorld, type Tenant, type World } from "../sequencer/world.ts";
import { KeptAlerts } from "./kept-alerts.ts";
import { PAYMENT } from "./payment-rule.ts";

const STOP = new AbortController().signal;

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
  const reader = () =>
    logReader({
      url: world.url(),
      tenant: tenant.tenant,
      store: tenant.storeId,
      token_file: join(folder, "token"),
    });
  function watch(
    options: {
      read?: LogReader;
      file?: string;
      from?: bigint;
      rules?: readonly Rule[];
      alerts?: KeptAlerts;
    } = {},
  ) {
    const file = options.file ?? join(folder, `checkpoint-${++checkpoints}`);
    const alerts = options.alerts ?? new KeptAlerts();
    const logWatch = new LogWatch({
      reader: options.read ?? reader(),
      rules: options.rules ?? [PAYMENT],
      alerts,
      checkpoint: CheckpointFile.open(file, "log", logState),
      fromSequence: options.from,
      folder,
      stay: 0,
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

  /** The head that is seen once the newest event is under it. */
  const newestHead = async () => {
    const last = await reader().head();
    for (;;) {
      const head = await reader().checkpoint(undefined, STOP);
      if (head !== undefined && head.size >= last) return head;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it("sees that each head the log signs continues the one before", async () => {
    const { file, round, alerts } = watch();
    const sizes: (bigint | undefined)[] = [];
    for (let i = 0; i < 3; i++) {
      await send(2);
      const { size } = await newestHead();
      await round();
      const { head = "" } = CheckpointFile.open(file, "log", logState).last ?? {};
      expect(parseCheckpoint(parseNote(head).text).size).to.equal(size);
      sizes.push(size);
    }
    expect(new Set(sizes).size).to.equal(3);
    expect(alerts.lines("LogEquivocated")).to.deep.equal([]);
  });

  for (const [what, change] of [
    ["another history of the same length", 0n],
    ["another history, which has grown since", -1n],
    ["a history that was cut", 5n],
  ] as const)
    it(`says once that the log signed ${what}, and keeps the proof`, async () => {
      await send(2);
      const { origin, size } = await newestHead();
      const root = new Uint8Array(32).fill(7);
      const text = checkpointText({ origin, size: size + change, root });
      const signer = await keyProviderSigner(world.keys, "checkpoint");
      const other = noteText(await signNote(text, [{ name: origin, ...signer }]));
      const { file, round, alerts } = watch();
      await round();
      const { sequence = "0" } = CheckpointFile.open(file, "log", logState).last ?? {};
      CheckpointFile.open(file, "log", logState).write({ sequence, head: other }, Date.now());
      const again = watch({ file, alerts });
      await again.round();
      await again.round();
      await send(1);
      await again.round();
      expect(alerts.lines()).to.deep.equal(["LogEquivocated open", "PaymentSent open"]);
      const [alert] = alerts.told;
      expect(alert?.labels).to.include({ origin, store: tenant.storeId });
      const proof = JSON.parse(readFileSync(alert?.details.proof ?? "", "utf8"));
      expect(proof.before).to.equal(other);
      const { publicKey } = signer;
      for (const note of [proof.before, proof.after])
        openCheckpoint(note, [{ name: origin, publicKey, type: SIGNATURE_TYPE.note }], origin);
    });

  /** A log that hands out another event than it signed. */
  const forging = (sequence: bigint): LogReader => {
    const honest = reader();
    const events: LogReader["events"] = async function* (from, signal) {
      for await (const entry of honest.events(from, signal))
        yield entry.sequence === sequence ? { ...entry, leaf: new Uint8Array(32).fill(9) } : entry;
    };
    return { ...honest, events };
  };

  for (const [how, from] of [
    ["followed from its beginning", 1n],
    ["followed from here on", undefined],
  ] as const)
    it(`says once that the log, ${how}, hands out what it did not sign, also after a restart`, async () => {
      const { size } = await newestHead();
      const { file, alerts, round } = watch(from === undefined ? {} : { from });
      await round();
      await send(3);
      await newestHead();
      const lies = { file, alerts, read: forging(size + 2n) };
      const { round: deceived } = watch(lies);
      await deceived();
      await deceived();
      await watch({ file, alerts }).round();
      expect(alerts.lines("LogEquivocated")).to.deep.equal(["LogEquivocated open"]);
      expect(alerts.told.find(({ rule }) => rule === "LogEquivocated")?.summary).to.contain("handed out");
      await send(2);
      await newestHead();
      const { round: honest } = watch({ file, alerts });
      await honest();
      await send(2);
      await newestHead();
      await honest();
      expect(alerts.lines("LogEquivocated")).to.have.length(1);
    });

  it("holds a busy log to a head over events that were still to be read, once they are", async () => {
    const { size } = await newestHead();
    const honest = reader();
    let most = size + 1n;
    let answers = true;
    const read: LogReader = {
      ...honest,
      events: async function* (from, signal) {
        for await (const entry of forging(size + 2n).events(from, signal))
          if (entry.sequence <= most) yield entry;
      },
      checkpoint: async (since, signal) => {
        if (answers) return honest.checkpoint(since, signal);
        throw new UnavailableError("no answer");
      },
    };
    const { alerts, round } = watch({ read });
    await round();
    await send(3);
    await newestHead();
    await round();
    expect(alerts.lines("LogEquivocated")).to.deep.equal([]);
    [most, answers] = [size + 3n, false];
    await round().catch(() => undefined);
    expect(alerts.lines("LogEquivocated")).to.have.length(1);
  });

  it("reads again what no head was over when it stopped, and holds the log to it", async () => {
    const { file, alerts, round } = watch();
    await newestHead();
    await round();
    const kept = CheckpointFile.open(file, "log", logState);
    await send(4);
    const { size } = await newestHead();
    // As if the process had died after the events were told, and before the head was seen that is over them.
    kept.write({ ...kept.last, sequence: String(size) }, Date.now());
    await watch({ file, alerts, read: forging(size - 1n) }).round();
    expect(alerts.lines("LogEquivocated")).to.have.length(1);
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
