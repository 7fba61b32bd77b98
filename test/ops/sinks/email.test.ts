import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { SMTPServer } from "smtp-server";
import { RefusedError } from "../../../src/core/errors.ts";
import { readFields } from "../../../src/core/json.ts";
import { RetryLater, type Sink } from "../../../src/ops/alerts/index.ts";
import { alertsSection, openSinks } from "../../../src/ops/sinks/index.ts";
import { anAlert } from "../alerts/support.ts";

const PASSWORD = "correct horse battery staple";

describe("Mail", () => {
  let folder: string;
  let server: SMTPServer;
  let port: number;
  let mails: { to: string[]; text: string }[];
  /** What the server answers to recipients, by their address. */
  let refusals: Record<string, number>;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "proofx-mail-"));
    writeFileSync(join(folder, "password"), PASSWORD, { mode: 0o600 });
    mails = [];
    refusals = {};
    server = new SMTPServer({
      authOptional: true,
      allowInsecureAuth: true,
      hideSTARTTLS: true,
      logger: false,
      onAuth: ({ username, password }, _session, done) =>
        username === "proofx" && password === PASSWORD
          ? done(null, { user: username })
          : done(Object.assign(new Error("no"), { responseCode: 535 })),
      onRcptTo: ({ address }, _session, done) => {
        const code = refusals[address];
        done(code === undefined ? null : Object.assign(new Error("no"), { responseCode: code }));
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          const to = session.envelope.rcptTo.map(({ address }) => address);
          mails.push({ to, text: Buffer.concat(chunks).toString() });
          done();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    await new Promise<void>((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  async function open(more: object = {}): Promise<Sink> {
    const sink = {
      ...{ kind: "email", name: "mail", host: "127.0.0.1", port, tls: "none" },
      ...{ from: "proofx@proofx.example", to: ["ops@proofx.example", "cto@proofx.example"], ...more },
    };
    const settings = readFields(alertsSection, { sink: [sink] }, "t.toml");
    const [opened] = await openSinks(settings);
    if (opened === undefined) throw new Error("no sink");
    return opened;
  }
  const errorOf = (work: Promise<void>) =>
    work.then(
      () => undefined,
      (error: unknown) => error as Error,
    );

  it("tells all recipients, with what to do, in one thread for each alert", async () => {
    const sink = await open({ user: "proofx", password_file: join(folder, "password") });
    await sink.deliver(anAlert());
    await sink.deliver(anAlert());
    await sink.deliver(anAlert({ phase: "resolved" }));
    expect(mails.map(({ to }) => to)).to.deep.equal(
      Array.from({ length: 3 }, () => ["ops@proofx.example", "cto@proofx.example"]),
    );
    const [first, again, end] = mails.map(({ text }) => text.replaceAll(/\r\n /g, " "));
    expect(first).to.contain("Subject: [CRITICAL] RoleGranted: SIGNER_ROLE was granted");
    expect(first).to.contain("What to do: docs/runbooks/RoleGranted.md");
    const header = (text: string | undefined, name: string) =>
      new RegExp(`^${name}: (.*)$`, "im").exec(text ?? "")?.[1];
    expect(header(first, "message-id")).to.equal(header(again, "message-id"));
    expect(header(first, "message-id")).not.to.equal(header(end, "message-id"));
    expect(header(first, "references")).to.equal(header(end, "references")).and.to.be.a("string");
  });

  it("lets nobody add headers or recipients by what stands in an alert", async () => {
    const sink = await open();
    await sink.deliver(anAlert({ summary: "x\r\nBcc: evil@evil.example\r\n\r\nhello" }));
    expect(mails[0]?.to).to.deep.equal(["ops@proofx.example", "cto@proofx.example"]);
    expect(mails[0]?.text.split("\r\n\r\n")[0]).not.to.match(/^bcc:/im);
  });

  it("is refused for good or for now as the server says, and repeats no password", async () => {
    writeFileSync(join(folder, "wrong"), "wrong-password", { mode: 0o600 });
    const wrong = await errorOf(
      (await open({ user: "proofx", password_file: join(folder, "wrong") })).deliver(anAlert()),
    );
    expect(wrong).to.be.instanceOf(RefusedError);
    expect(String(wrong)).to.contain("535").and.not.to.contain("wrong-password");
    refusals = { "ops@proofx.example": 450, "cto@proofx.example": 450 };
    expect(await errorOf((await open()).deliver(anAlert()))).to.be.instanceOf(RetryLater);
    refusals = { "cto@proofx.example": 550 };
    const part = await errorOf((await open()).deliver(anAlert()));
    expect(part).to.be.instanceOf(RefusedError);
    expect(part?.message).to.contain("for 1 of 2 only");
    const unencrypted = await errorOf((await open({ tls: "starttls" })).deliver(anAlert()));
    expect(unencrypted, "no mail in clear where TLS is asked for").to.be.instanceOf(Error);
    expect(mails).to.have.length(1);
  });

  it("tries again later when no server is there", async () => {
    const sink = await open({ port: 1 });
    expect(await errorOf(sink.deliver(anAlert()))).to.be.instanceOf(RetryLater);
  });
});
