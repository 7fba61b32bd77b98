import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { CheckError, InputError, RefusedError, UnavailableError } from "../../../src/core/errors.ts";
import { type Alerts, openAlerts, RetryLater, readHistory } from "../../../src/ops/alerts/index.ts";
import { anAlert, RecordingSink, START } from "./support.ts";

const KEY = anAlert().key;
const HOUR = 3_600_000;

describe("Alerts", () => {
  let folder: string;
  let clock: number;
  let sink: RecordingSink;
  let opened: Alerts[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "proofx-alerts-"));
    clock = START;
    sink = new RecordingSink();
    opened = [];
  });
  afterEach(async () => {
    for (const alerts of opened) await alerts.close();
    rmSync(folder, { recursive: true });
  });

  const open = (more: Partial<Parameters<typeof openAlerts>[0]> = {}): Alerts => {
    const alerts = openAlerts({ folder, sinks: [sink], now: () => clock, ...more });
    opened.push(alerts);
    return alerts;
  };
  const close = async (alerts: Alerts) => {
    opened.splice(opened.indexOf(alerts), 1);
    await alerts.close();
  };
  const kinds = () => readHistory(folder).map(({ kind }) => kind);

  it("tells a critical event at once, again when it is final, and its end", async () => {
    const alerts = open();
    await alerts.raise([anAlert({ phase: "unconfirmed" })]);
    await alerts.drained(2_000);
    await alerts.raise([anAlert()]);
    await alerts.drained(2_000);
    expect(alerts.active().map(({ key }) => key)).to.deep.equal([KEY]);
    await alerts.raise([anAlert({ phase: "resolved" })]);
    await alerts.drained(2_000);
    expect(sink.got).to.deep.equal([`unconfirmed ${KEY}`, `open ${KEY}`, `resolved ${KEY}`]);
    expect(alerts.active()).to.deep.equal([]);
    expect(kinds()).to.deep.equal([
      ...["unconfirmed", "delivered", "open", "delivered", "resolved", "delivered"],
    ]);
  });

  it("tells nothing twice when the watcher comes over the same blocks again", async () => {
    const alerts = open();
    await alerts.raise([anAlert({ phase: "unconfirmed" }), anAlert()]);
    await alerts.raise([anAlert({ phase: "unconfirmed" }), anAlert()]);
    await alerts.drained(2_000);
    await alerts.resolve(KEY, "alice");
    await alerts.raise([anAlert({ phase: "unconfirmed" }), anAlert()]);
    await alerts.drained(2_000);
    // The unconfirmed one was overtaken in the queue.
    expect(sink.got).to.deep.equal([`open ${KEY}`, `resolved ${KEY}`]);
  });

  it("tells a state that comes back, and a block that comes back after a reorganisation", async () => {
    const alerts = open();
    const state = anAlert({ key: "Paused/verifier", rule: "Paused" });
    for (const phase of ["open", "resolved"] as const) await alerts.raise([{ ...state, phase }]);
    await alerts.raise([{ ...state, since: "2026-11-21T20:30:00Z" }]);
    await alerts.raise([anAlert({ phase: "unconfirmed" })]);
    await alerts.drained(2_000);
    await alerts.raise([anAlert({ phase: "retracted" })]);
    await alerts.drained(2_000);
    await alerts.raise([anAlert({ phase: "unconfirmed" })]);
    await alerts.drained(2_000);
    expect(sink.got.filter((line) => line.endsWith(KEY)).map((line) => line.split(" ")[0])).to.deep.equal([
      ...["unconfirmed", "retracted", "unconfirmed"],
    ]);
    expect(sink.got.filter((line) => line.endsWith(state.key)).at(-1)).to.equal(`open ${state.key}`);
    expect(alerts.active()).to.have.length(2);
  });

  it("knows an alert by the block that its transaction came back in, and tells it once", async () => {
    const alerts = open();
    const [before, after] = [{ blockHash: "0xaa" }, { blockHash: "0xbb" }];
    await alerts.raise([anAlert({ details: before })]);
    await alerts.drained(2_000);
    await alerts.raise([anAlert({ phase: "unconfirmed", details: after }), anAlert({ details: after })]);
    await alerts.drained(2_000);
    expect(sink.got).to.deep.equal([`open ${KEY}`]);
    expect(alerts.active().map(({ phase, details }) => [phase, details.blockHash])).to.deep.equal([
      ["open", "0xbb"],
    ]);
  });

  it("tells a sink that was away of an alert itself, however many look after it", async () => {
    sink.down = new RetryLater("away");
    const alerts = open();
    await alerts.raise([anAlert()]);
    await alerts.acknowledge(KEY, "alice");
    await alerts.acknowledge(KEY, "bob");
    await alerts.drained(2_000);
    sink.down = undefined;
    clock += HOUR;
    await alerts.drained(2_000);
    expect(sink.got).to.deep.equal([`open ${KEY}`, `acknowledged by bob ${KEY}`]);
  });

  it("says nothing of a block that was retracted before its sink heard of it", async () => {
    const alerts = open();
    sink.down = new UnavailableError("away");
    await alerts.raise([anAlert({ phase: "unconfirmed" })]);
    await alerts.drained(2_000);
    await alerts.raise([anAlert({ phase: "retracted" })]);
    sink.down = undefined;
    clock += 2_000;
    await alerts.drained(2_000);
    expect(sink.got).to.deep.equal([]);
  });

  it("delivers what was queued when it was stopped, and what lasts is still there", async () => {
    sink.down = new UnavailableError("away");
    const alerts = open();
    await alerts.raise([anAlert(), anAlert({ key: "Paused/verifier", rule: "Paused" })]);
    await close(alerts);
    sink.down = undefined;
    const again = open();
    expect(again.active()).to.have.length(2);
    await again.drained(2_000);
    expect(sink.got).to.have.members([`open ${KEY}`, "open Paused/verifier"]);
  });

  it("tries again later what a sink cannot take now, as late as the sink asks", async () => {
    const outcomes: string[] = [];
    const alerts = open({ onTry: ({ outcome }) => outcomes.push(outcome) });
    sink.faults.push(new RetryLater("too many", 90));
    await alerts.raise([anAlert()]);
    expect(await alerts.drained(2_000)).to.equal(false);
    clock += 89_000;
    expect(await alerts.drained(100)).to.equal(false);
    expect(sink.tried.length).to.equal(1);
    clock += 1_000;
    expect(await alerts.drained(2_000)).to.equal(true);
    expect(outcomes).to.deep.equal(["later", "delivered"]);
    expect(alerts.figures().sinks.pager).to.include({ queued: 0, oldest: 0, deadLetters: 0 });
  });

  it("lets no message that fails keep back the others, and puts critical ones first", async () => {
    const alerts = open();
    sink.faults.push(new UnavailableError("away"));
    const low = anAlert({ key: "low", severity: "low" });
    await alerts.raise([low, anAlert({ key: "high", severity: "high" }), anAlert()]);
    await alerts.drained(2_000);
    clock += 1_500;
    expect(await alerts.drained(2_000)).to.equal(true);
    expect(sink.tried).to.deep.equal([KEY, "high", "low", KEY]);
  });

  it("sends a critical alert that failed once before the flood of low ones", async () => {
    const slow = Object.assign(new RecordingSink("slow"), { interval: 1_000 });
    const alerts = open({ sinks: [slow] });
    slow.faults.push(new UnavailableError("away"));
    const flood = Array.from({ length: 20 }, (_, n) => anAlert({ key: `low ${n}`, severity: "low" }));
    await alerts.raise([anAlert(), ...flood]);
    await alerts.drained(100);
    for (let i = 0; i < 3; i += 1) {
      clock += 1_500;
      await alerts.drained(100);
    }
    expect(slow.got).to.deep.equal(["open low 0", `open ${KEY}`, "open low 1"]);
  });

  it("never repeats what a sink refuses: it becomes a dead letter, whose end nobody hears of, until it is tried again", async () => {
    const first = open();
    sink.faults.push(new RefusedError("400: routing key is invalid"));
    await first.raise([anAlert()]);
    expect(await first.drained(2_000)).to.equal(true);
    await close(first);
    // What lasts is told to a sink that has not heard of it, but not what it refused.
    const alerts = open();
    await alerts.drained(2_000);
    await alerts.raise([anAlert({ phase: "resolved" })]);
    await alerts.drained(2_000);
    expect([sink.tried.length, sink.got]).to.deep.equal([1, []]);
    const [letter] = alerts.deadLetters();
    expect(letter).to.include({ sink: "pager", attempts: 1, reason: "400: routing key is invalid" });
    expect(readdirSync(join(folder, "dead-letters"))).to.deep.equal([`${letter?.id}.json`]);
    expect(alerts.figures().sinks.pager?.deadLetters).to.equal(1);
    await alerts.retryDeadLetters();
    await alerts.drained(2_000);
    expect(sink.got).to.deep.equal([`open ${KEY}`, `resolved ${KEY}`]);
    expect(alerts.deadLetters()).to.deep.equal([]);
  });

  it("gives up after a day, for all that waited as long", async () => {
    const alerts = open();
    sink.down = new UnavailableError("away");
    await alerts.raise([anAlert(), anAlert({ key: "other", severity: "low" })]);
    await alerts.drained(2_000);
    clock += 24 * HOUR;
    await alerts.drained(2_000);
    expect(alerts.deadLetters().map(({ alert }) => alert.key)).to.have.members([KEY, "other"]);
    expect(kinds().filter((kind) => kind === "dead-letter")).to.have.length(2);
  });

  it("gives nothing up after a day without a process: not before it has tried for ten minutes", async () => {
    sink.down = new UnavailableError("away");
    const first = open();
    await first.raise([anAlert(), anAlert({ key: "other", severity: "low" })]);
    await close(first);
    clock += 48 * HOUR;
    const alerts = open();
    await alerts.drained(2_000);
    clock += 9 * 60_000;
    await alerts.drained(2_000);
    expect(alerts.deadLetters()).to.deep.equal([]);
    clock += 60_000;
    await alerts.drained(2_000);
    expect(alerts.deadLetters()).to.have.length(2);
  });

  it("lets several processes take alerts in and one deliver", async () => {
    const watcher = open();
    const command = open({ deliver: false });
    expect(() => open()).to.throw(RefusedError, "another process delivers");
    expect(open({ deliver: "if-free" }).delivers).to.equal(false);
    await watcher.raise([anAlert()]);
    await watcher.drained(2_000);
    await command.acknowledge(KEY, "alice");
    expect(watcher.records()[0]?.acknowledged).to.deep.equal({
      by: "alice",
      at: new Date(START).toISOString(),
    });
    await command.resolve(KEY, "alice");
    await watcher.drained(2_000);
    expect(sink.got.at(-1)).to.equal(`resolved ${KEY}`);
    const refused = await command.resolve(KEY, "bob").catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(InputError);
  });

  it("sends each sink what is for it, and tells a new sink what lasts", async () => {
    sink.onlyCritical = true;
    const chat = new RecordingSink("chat");
    const alerts = open({ sinks: [sink, chat] });
    await alerts.raise([anAlert({ key: "low", severity: "low" }), anAlert()]);
    await alerts.drained(2_000);
    expect([sink.got, chat.got.length]).to.deep.equal([[`open ${KEY}`], 2]);
    await close(alerts);
    const mail = new RecordingSink("mail");
    const again = open({ sinks: [sink, chat, mail] });
    await again.drained(2_000);
    expect([sink.got.length, chat.got.length, mail.got.length]).to.deep.equal([1, 2, 2]);
  });

  it("sends no faster than a sink bears", async () => {
    const slow = Object.assign(new RecordingSink("slow"), { interval: 1_000 });
    const alerts = open({ sinks: [slow] });
    await alerts.raise([anAlert({ key: "one" }), anAlert({ key: "two" })]);
    expect(await alerts.drained(100)).to.equal(false);
    expect(slow.got).to.deep.equal(["open one"]);
    clock += 1_000;
    expect(await alerts.drained(2_000)).to.equal(true);
    expect(slow.got).to.deep.equal(["open one", "open two"]);
  });

  it("keeps as dead letters what waited for a sink that the configuration no longer has", async () => {
    sink.down = new UnavailableError("away");
    const alerts = open();
    await alerts.raise([anAlert()]);
    await close(alerts);
    const again = open({ sinks: [new RecordingSink("chat")] });
    expect(again.deadLetters().map(({ sink: name, reason }) => [name, reason])).to.deep.equal([
      ["pager", "the configuration has no sink of this name"],
    ]);
    const refused = await again.retryDeadLetters().catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(InputError);
    expect(again.deadLetters()).to.have.length(1);
  });

  it("leaves to the watcher what waits for a sink that only a command's configuration lacks", async () => {
    sink.down = new UnavailableError("away");
    const alerts = open();
    await alerts.raise([anAlert()]);
    await close(alerts);
    sink.down = undefined;
    const command = open({ sinks: [new RecordingSink("chat")], deliver: "if-free" });
    expect([command.delivers, command.deadLetters()]).to.deep.equal([true, []]);
    await close(command);
    await open().drained(2_000);
    expect(sink.got).to.deep.equal([`open ${KEY}`]);
  });

  it("repeats what lasts to a sink that forgets, and only what it was told", async () => {
    const repeated: string[][] = [];
    const forgetful = Object.assign(new RecordingSink("forgetful"), {
      keepAlive: async (those: readonly { key: string }[]) => void repeated.push(those.map(({ key }) => key)),
    });
    forgetful.onlyCritical = true;
    const alerts = open({ sinks: [forgetful] });
    await alerts.keepAlive();
    await alerts.raise([
      anAlert(),
      anAlert({ key: "over" }),
      anAlert({ key: "low", rule: "DiskFilling", severity: "low" }),
    ]);
    await alerts.raise([anAlert({ key: "over", phase: "resolved" })]);
    await alerts.drained(2_000);
    await close(alerts);
    const tries: string[] = [];
    const again = open({
      sinks: [forgetful],
      onTry: ({ outcome, reason }) => tries.push(`${outcome}: ${reason}`),
    });
    await again.keepAlive();
    expect(repeated).to.deep.equal([[KEY]]);
    forgetful.keepAlive = async () => Promise.reject(new UnavailableError("away"));
    await again.keepAlive();
    expect(tries).to.deep.equal(["later: away"]);
  });

  it("tells a notice once, through a maintenance window, and to no sink that knows only what lasts", async () => {
    const lasting = Object.assign(new RecordingSink("lasting"), { onlyLasting: true });
    const alerts = open({ sinks: [sink, lasting] });
    await alerts.silence({ until: clock + HOUR, reason: "upgrade", by: "alice" });
    const notice = anAlert({ phase: "notice", rule: "Incident", key: "Incident/theft/1" });
    await alerts.raise([notice]);
    await alerts.raise([notice]);
    await alerts.drained(2_000);
    expect(sink.got).to.deep.equal(["notice Incident/theft/1"]);
    expect(lasting.got).to.deep.equal([]);
    expect(alerts.active()).to.deep.equal([]);
    await close(alerts);
    const later = new RecordingSink("later");
    const again = open({ sinks: [sink, later] });
    await again.raise([notice]);
    clock += 2 * HOUR;
    await again.drained(2_000);
    expect([...sink.got, ...later.got], "also after a restart, and to a new sink").to.have.length(1);
  });

  it("refuses keys that receivers would cut, cuts other texts, and makes them one line", async () => {
    const alerts = open();
    const refused = await alerts
      .raise([anAlert(), anAlert({ key: "k".repeat(256) })])
      .catch((error) => error);
    expect(refused).to.be.instanceOf(InputError);
    expect(alerts.active(), "all or nothing").to.deep.equal([]);
    await alerts.raise([
      anAlert({ summary: "😀".repeat(600), details: { note: `a\u001b[31m\r\nb${"x".repeat(2_000)}` } }),
    ]);
    const [kept] = alerts.active();
    expect(kept?.summary).to.match(/^(😀){511}…$/u);
    expect(kept?.details.note).to.match(/^a \[31m bx{1015}…$/);
  });

  it("says that its file is damaged, and that there is none", async () => {
    expect(() => readHistory(join(folder, "elsewhere"))).to.throw(UnavailableError, "there are no alerts");
    await close(open());
    writeFileSync(join(folder, "alerts.db"), "x".repeat(4096));
    expect(() => open()).to.throw(CheckError, "damaged");
    expect(() => open(), "the lock is free again").to.throw(CheckError);
  });
});
