import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { InputError, RefusedError, UnavailableError } from "../../../src/core/errors.ts";
import { readFields } from "../../../src/core/json.ts";
import { RetryLater, type Sink } from "../../../src/ops/alerts/index.ts";
import { alertsSection, openSinks, verifyWebhook } from "../../../src/ops/sinks/index.ts";
import { anAlert } from "../alerts/support.ts";
import { type StubReceiver, startStub } from "./stub-receiver.ts";

const SECRET = "s3cret-0123456789abcdef0123456789abcdef";
const BASE = "https://git.example/proofx/blob/main/";
/** What a stranger may have written into an event. */
const HOSTILE = "<!channel> @everyone [pay](https://evil.example) <b>x</b>";

describe("Sinks over HTTP", () => {
  let folder: string;
  let stub: StubReceiver;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "proofx-sinks-"));
    stub = await startStub();
    writeFileSync(join(folder, "secret"), `${SECRET}\n`, { mode: 0o600 });
    writeFileSync(join(folder, "url"), `${stub.url}/hooks/${SECRET}\n`, { mode: 0o600 });
  });
  afterEach(async () => {
    await stub.close();
    rmSync(folder, { recursive: true });
  });

  const file = (name: string) => join(folder, name);
  const open = async (fields: Record<string, unknown>): Promise<Sink> => {
    const settings = readFields(
      alertsSection,
      { runbook_url: BASE, sink: [{ name: "one", ...fields }] },
      "t.toml",
    );
    const [sink] = await openSinks(settings);
    if (sink === undefined) throw new Error("no sink");
    return sink;
  };
  const pagerDuty = () =>
    open({ kind: "pagerduty", routing_key_file: file("secret"), url: `${stub.url}/v2/enqueue` });
  const slack = () => open({ kind: "slack", url_file: file("url") });
  const errorOf = (work: Promise<void>) =>
    work.then(
      () => undefined,
      (error: unknown) => error as Error,
    );

  it("makes one PagerDuty incident of an unconfirmed and a final alert, and resolves it", async () => {
    const sink = await pagerDuty();
    await sink.deliver(anAlert({ phase: "unconfirmed" }));
    await sink.deliver(anAlert());
    await sink.acknowledge?.(anAlert(), { by: "alice", at: "2026-11-21T20:00:00Z" });
    await sink.deliver(anAlert({ phase: "resolved" }));
    await sink.deliver(anAlert({ phase: "retracted", severity: "high", key: "k2" }));
    const { key, rule, summary, since, labels, details } = anAlert();
    expect(stub.got.map(({ body }) => [body.event_action, body.dedup_key])).to.deep.equal([
      ...["trigger", "trigger", "acknowledge", "resolve"].map((action) => [action, key]),
      ["resolve", "k2"],
    ]);
    expect(stub.got[1]?.body).to.deep.equal({
      routing_key: SECRET,
      dedup_key: key,
      event_action: "trigger",
      client: "ProofX",
      payload: {
        summary,
        source: "ProofXVerifier",
        severity: "critical",
        timestamp: since,
        class: rule,
        component: "ProofXVerifier",
        custom_details: {
          ...labels,
          ...details,
          key,
          phase: "open",
          runbook: `${BASE}docs/runbooks/RoleGranted.md`,
        },
      },
      links: [{ href: `${BASE}docs/runbooks/RoleGranted.md`, text: "Runbook" }],
    });
    expect(stub.got[0]?.body.payload.summary).to.equal(`[unconfirmed] ${summary}`);
  });

  it("maps every severity to PagerDuty's, and keeps its limits", async () => {
    const sink = await pagerDuty();
    for (const severity of ["critical", "high", "medium", "low"] as const)
      await sink.deliver(anAlert({ severity, phase: "unconfirmed", summary: "x".repeat(1024) }));
    expect(stub.got.map(({ body }) => body.payload.severity)).to.deep.equal([
      ...["critical", "error", "warning", "info"],
    ]);
    expect(stub.got[0]?.body.payload.summary).to.have.length(1024);
  });

  it("says what strangers wrote without calling anybody or making links of it", async () => {
    const alert = anAlert({ summary: HOSTILE, details: { note: HOSTILE } });
    await (await slack()).deliver(alert);
    await (await open({ kind: "discord", url_file: file("url") })).deliver(alert);
    await (
      await open({ kind: "telegram", token_file: file("secret"), chat: "-1001", url: stub.url })
    ).deliver(alert);
    const [toSlack, toDiscord, toTelegram] = stub.got;
    expect(toSlack?.body.text).to.equal(
      "[CRITICAL] RoleGranted: &lt;!channel&gt; @everyone [pay](https://evil.example) &lt;b&gt;x&lt;/b&gt;",
    );
    const types = JSON.stringify(toSlack?.body.blocks).match(/"type":"[a-z_]+"/g);
    expect(new Set(types)).to.deep.equal(
      new Set(['"type":"section"', '"type":"plain_text"', '"type":"context"']),
    );
    expect(toDiscord?.body.allowed_mentions).to.deep.equal({ parse: [] });
    expect(toDiscord?.body.embeds[0].description).to.contain("\\[pay\\]\\(https://evil.example\\)");
    expect(toTelegram?.path).to.equal(`/bot${SECRET}/sendMessage`);
    expect(toTelegram?.body).to.include({ chat_id: "-1001" }).and.not.to.have.property("parse_mode");
    for (const { text } of stub.got) expect(text).to.contain(`${BASE}docs/runbooks/RoleGranted.md`);
  });

  it("says what is a message of people, which opens nothing at PagerDuty", async () => {
    await (await slack()).deliver(anAlert({ phase: "notice", summary: "Receipts were late" }));
    expect(stub.got[0]?.text).to.contain("[MESSAGE] ").and.to.contain("Receipts were late");
    expect(stub.got[0]?.text).to.not.contain("CRITICAL");
    expect((await pagerDuty()).onlyLasting).to.equal(true);
  });

  it("stays within what Slack, Discord and Telegram take", async () => {
    const facts = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`name ${index}`, "y".repeat(5_000)]),
    );
    const alert = anAlert({ summary: "x".repeat(1024), labels: facts, details: { "": "" } });
    await (await slack()).deliver(alert);
    await (await open({ kind: "discord", url_file: file("url") })).deliver(alert);
    await (await open({ kind: "telegram", token_file: file("secret"), chat: "1", url: stub.url })).deliver(
      alert,
    );
    const [toSlack, toDiscord, toTelegram] = stub.got;
    if (toSlack === undefined || toDiscord === undefined) throw new Error("nothing came");
    expect(toSlack.body.blocks[1].fields).to.have.length(10);
    for (const { text } of toSlack.body.blocks[1].fields) expect(text.length).to.be.at.most(2_000);
    const { title, description, fields, footer } = toDiscord.body.embeds[0];
    const all = [title, description, footer.text, ...fields.flatMap((field: object) => Object.values(field))];
    expect(all.join("").length).to.be.at.most(6_000);
    expect(fields.length).to.be.at.most(25);
    expect(toTelegram?.body.text.length).to.equal(4_096);
  });

  it("waits as long as a receiver asks, in a header or in its answer", async () => {
    const discord = await open({ kind: "discord", url_file: file("url") });
    const telegram = await open({ kind: "telegram", token_file: file("secret"), chat: "1", url: stub.url });
    stub.answers.push(
      { status: 429, headers: { "retry-after": "7" } },
      { status: 429, text: '{"retry_after": 0.65}' },
      { status: 429, text: '{"ok":false,"parameters":{"retry_after":5}}' },
      { status: 503, headers: { "retry-after": new Date(Date.now() + 60_000).toUTCString() } },
      { status: 500 },
    );
    const waits: (number | undefined)[] = [];
    for (const sink of [await slack(), discord, telegram, await pagerDuty(), await slack()]) {
      const error = await errorOf(sink.deliver(anAlert()));
      expect(error).to.be.instanceOf(RetryLater);
      waits.push((error as RetryLater).retryAfter);
    }
    expect(waits.map((seconds) => seconds && Math.ceil(seconds / 10))).to.deep.equal([1, 1, 1, 6, undefined]);
  });

  it("does not try again what is refused, follows no redirect, and repeats no secret", async () => {
    const makers = [slack, pagerDuty, slack];
    stub.answers.push(
      { status: 404, text: `no_service for ${SECRET}` },
      { status: 400, text: `{"message":"routing key ${SECRET} is invalid\u001b[31m"}` },
      { status: 307, headers: { location: `${stub.url}/elsewhere` } },
    );
    const errors = [];
    for (const make of makers) errors.push(await errorOf((await make()).deliver(anAlert())));
    for (const error of errors) {
      expect(error).to.be.instanceOf(RefusedError);
      expect(error?.message).not.to.contain("s3cret").and.not.to.contain("\u001b");
    }
    expect(errors[1]?.message).to.match(/^one answered 400: .*routing key \(hidden\) is invalid/);
    expect(stub.got.map(({ path }) => path)).not.to.include("/elsewhere");
  });

  it("tries again later when nobody is there, and names no URL", async () => {
    const sink = await slack();
    await stub.close();
    const error = await errorOf(sink.deliver(anAlert()));
    expect(error).to.be.instanceOf(RetryLater);
    expect(error?.message).to.equal("one cannot be reached (ECONNREFUSED)");
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.to.contain(SECRET);
    stub = await startStub();
  });

  it("signs webhooks so that a receiver notices another body, another key and an old message", async () => {
    const sink = await open({ kind: "webhook", url: `${stub.url}/alerts`, secret_file: file("secret") });
    await sink.deliver(anAlert());
    await sink.deliver(anAlert());
    const [first, second] = stub.got;
    if (first === undefined) throw new Error("nothing came");
    expect(first.body).to.deep.equal({ version: 1, alert: anAlert() });
    expect(first.headers["proofx-message-id"]).to.equal(second?.headers["proofx-message-id"]);
    const verify =
      (secret: string, text: string, now = Date.now()) =>
      () =>
        verifyWebhook(secret, first.headers, text, now);
    verify(SECRET, first.text)();
    expect(verify(SECRET, first.text.replace("critical", "low"))).to.throw(RefusedError, "signature");
    expect(verify(`${SECRET}0`, first.text)).to.throw(RefusedError, "signature");
    expect(verify(SECRET, first.text, Date.now() + 302_000)).to.throw(RefusedError, "300 s old");
    const moved = { ...first.headers, "proofx-timestamp": String(Math.floor(Date.now() / 1000) + 200) };
    expect(() => verifyWebhook(SECRET, moved, first.text)).to.throw(RefusedError, "signature");
    expect(() => verifyWebhook(SECRET, {}, first.text)).to.throw(InputError);
  });

  it("takes what its severities and rules say", async () => {
    const sink = await open({
      kind: "slack",
      url_file: file("url"),
      severities: ["critical"],
      rules: ["Paused"],
    });
    expect(sink.takes?.({ rule: "Paused", severity: "critical" })).to.equal(true);
    expect(sink.takes?.({ rule: "Paused", severity: "high" })).to.equal(false);
    expect(sink.takes?.({ rule: "RoleGranted", severity: "critical" })).to.equal(false);
  });

  it("starts with no secret that others may read, that is too short, or that is no URL", async () => {
    writeFileSync(file("open"), SECRET, { mode: 0o644 });
    writeFileSync(file("short"), "short", { mode: 0o600 });
    writeFileSync(file("clear"), "http://hooks.example/x", { mode: 0o600 });
    const faults: [object, new (...given: never[]) => Error][] = [
      [{ kind: "slack", url_file: file("open") }, RefusedError],
      [{ kind: "slack", url_file: file("none") }, UnavailableError],
      [{ kind: "slack", url_file: file("clear") }, InputError],
      [{ kind: "webhook", url: stub.url, secret_file: file("short") }, InputError],
      [{ kind: "webhook", url: `http://u:p@x.example`, secret_file: file("secret") }, InputError],
      [{ kind: "carrier-pigeon" }, InputError],
      [
        {
          ...{ kind: "email", host: "mail.example", tls: "none", from: "a@b.example", to: ["c@d.example"] },
          ...{ user: "u", password_file: file("secret") },
        },
        RefusedError,
      ],
    ];
    for (const [fields, kind] of faults) {
      const error = await open(fields as Record<string, unknown>).catch((caught: unknown) => caught);
      expect(error, JSON.stringify(fields)).to.be.instanceOf(kind);
      expect(String(error)).not.to.contain(SECRET);
    }
  });
});
