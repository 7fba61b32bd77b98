import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { keyProviderSigner } from "../../src/core/log/index.ts";
import { openKeyProvider, passphraseFromFile } from "../../src/keys/index.ts";
import { openAlerts } from "../../src/ops/alerts/index.ts";
import { createClient } from "../../src/sdk/index.ts";
import { manyEvents } from "../sequencer/ingest/support.ts";
import { startWorld, type Tenant, type World } from "../services/sequencer/world.ts";
import { expectOk, expectRefused } from "../support/cli.ts";
import { type Governed, startGoverned } from "../support/governed.ts";

interface Kept {
  readonly severity: string;
  readonly entries: readonly { readonly kind: string; readonly sequence?: string }[];
  readonly pending: number;
}

describe("incident open, note, notify, close and report", function () {
  this.timeout(240_000);
  let chain: Governed;
  let world: World;
  let tenant: Tenant;
  let receiver: Server;
  const messages: string[] = [];
  const agent = crypto.randomUUID();
  const configBefore = process.env.PROOFX_CONFIG;

  before(async () => {
    world = await startWorld();
    tenant = await world.newTenant();
    receiver = createServer((request, response) => {
      request.on("data", (chunk: Buffer) => messages.push(chunk.toString()));
      request.on("end", () => response.end("ok"));
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    process.env.PROOFX_CONFIG = "build/test/incident-record.toml";
    chain = await startGoverned({ agents: ["responder"] });
    await registerResponder();
    configure(world.url());
  });
  after(async () => {
    if (configBefore === undefined) delete process.env.PROOFX_CONFIG;
    else process.env.PROOFX_CONFIG = configBefore;
    await chain?.close();
    await world?.close();
    receiver?.close();
  });

  async function registerResponder(): Promise<void> {
    const keys = openKeyProvider({
      folder: chain.path("keys"),
      passphrase: passphraseFromFile(chain.path("passphrase")),
    });
    const signer = await keyProviderSigner(keys, "responder");
    const { tenant: id, storeId: store, credential } = tenant;
    await createClient({
      url: world.url(),
      credential,
      tenant: id,
      store,
      agent: { id: agent, keyId: 1, signer },
    }).registerKey();
  }

  function configure(url: string): void {
    writeFileSync(chain.path("credential"), tenant.credential, { mode: 0o600 });
    writeFileSync(chain.path("secret"), "a".repeat(40), { mode: 0o600 });
    const { port } = receiver.address() as AddressInfo;
    writeFileSync(
      "build/test/incident-record.toml",
      `[incidents]\nfolder = "${chain.path("records")}"
[incidents.log]\nurl = "${url}"\ncredential_file = "${chain.path("credential")}"\ntenant = "${tenant.tenant}"
store = "${tenant.storeId}"\nagent = "${agent}"\nkey = "responder"
[alerts]\nfolder = "${chain.path("alerts")}"
[[alerts.sink]]\nkind = "webhook"\nname = "hook"\nurl = "http://127.0.0.1:${port}/"\nsecret_file = "${chain.path("secret")}"\n`,
    );
  }

  const incident = (line: string) => chain.type(`incident ${line}`);

  it("one is opened in the log and at the sinks, with the time that its severity allows", async () => {
    const opened = await incident("open --id theft --title Stolen --severity P1 --by ada --json");
    expectOk(opened);
    expect(opened.json<Kept>(), opened.stdout).to.deep.include({ severity: "critical", pending: 0 });
    expect(messages.join("")).to.contain("P1 theft: Stolen").and.to.contain('"open"');
    const client = createClient({
      url: world.url(),
      credential: tenant.credential,
      tenant: tenant.tenant,
      store: tenant.storeId,
    });
    const kinds: string[] = [];
    for await (const { event } of client.entityEvents("incident", "theft")) kinds.push(event.eventType);
    expect(kinds).to.deep.equal(["incident.opened"]);
    expectRefused(await incident("open --id theft --title Again --severity low"), 3, "is open already");
    expectRefused(await incident("open --title X --severity urgent"), 2, "P1 to P4");
    expectRefused(await incident("note --id ../theft --text x"), 2, "one of theft");
  });

  it("while the log is down nothing is lost, and it has everything once, in order, when it is back", async () => {
    configure("http://127.0.0.1:9");
    for (const text of ["first", "second"]) {
      const noted = await incident(`note --id theft --text ${text} --json`);
      expectOk(noted);
      expect(noted.json<Kept>().pending).to.be.greaterThan(0);
    }
    configure(world.url());
    const sent = (await incident("note --id theft --json")).json<Kept>();
    expect(sent.pending).to.equal(0);
    const places = sent.entries.map(({ sequence }) => Number(sequence));
    expect(places).to.deep.equal([...places].sort((a, b) => a - b));
    expect(new Set(places).size).to.equal(3);
  });

  it("who has to prove again is listed from what was answered, and told", async () => {
    const step = { finishedAt: new Date().toISOString(), seconds: 1.5, lines: ["1 attestation fell"] };
    const fallen = ["1", "2"].map((policyId) => ({ agent, policyId, streamId: `0x${"5a".repeat(32)}` }));
    writeFileSync(
      chain.path("answer.json"),
      JSON.stringify({
        incident: "signer-compromise",
        network: "local",
        begunAt: step.finishedAt,
        given: {},
        steps: { revoke: { ...step, data: {} }, list: { ...step, data: { fallen, unnamed: [] } } },
      }),
    );
    messages.length = 0;
    const told = await incident(
      "notify --id theft --message ProveAgain --tenants acme --answers @answer.json",
    );
    expectOk(told);
    expect(told.stdout)
      .to.contain(`agent ${agent} has to prove again for policy 1`)
      .and.to.contain("tenant acme");
    expect(messages.join("")).to.contain("ProveAgain").and.to.contain(agent);
    const alerts = openAlerts({ folder: chain.path("alerts"), sinks: [], deliver: false });
    const open = alerts.active().map(({ key }) => key);
    await alerts.close();
    expect(open, "the incident is open, a message is not").to.deep.equal(["Incident/theft"]);
    const kept = readFileSync(chain.path("records/theft.json"), "utf8");
    expect(kept, "everything that one has to do").to.match(
      /for policy 1 .*; has to prove again for policy 2 /,
    );
  });

  it("every event under a stolen key is listed, however many pages they fill", async () => {
    const { agent: victim, ...stream } = await world.newTenant();
    const batch = await manyEvents(stream, victim, 510);
    const body = batch.map((event) => JSON.stringify(event)).join("\n");
    const { tenant: id, storeId, credential } = stream;
    const type = "application/x-ndjson";
    await world.call(`/v1/stores/${storeId}/events/batch`, { type, body, credential });
    writeFileSync(chain.path("reader"), credential, { mode: 0o600 });
    const list = `event list --url ${world.url()} --credential @reader --tenant ${id} --store ${storeId}`;
    const all = await chain.type(`${list} --agent ${victim.id} --key-id 1 --json`);
    expectOk(all);
    const { events } = all.json<{ events: readonly { sequence: string }[] }>();
    // The stream and the key are events 1 and 2, by the log itself.
    expect(events.map(({ sequence }) => Number(sequence))).to.deep.equal(
      Array.from({ length: 510 }, (_, index) => index + 3),
    );
    const later = await chain.type(`${list} --agent ${victim.id} --key-id 2 --from 503`);
    expect(later.stdout.trim()).to.equal("0 of 10 events");
    expectRefused(await chain.type(`${list} --key-id 1`), 2, "--agent");
  });

  it("closed, its alert is over and nothing is added any more", async () => {
    messages.length = 0;
    expectOk(await incident("close --id theft --text KeyReplaced"));
    expect(messages.join("")).to.contain('"resolved"').and.to.not.contain("ProveAgain");
    expectRefused(await incident("note --id theft --text late"), 3, "is closed");
  });

  it("the report has one timeline from record, log, chain, alerts and answers, in three forms", async () => {
    expectOk(await chain.onChain("pause --key guardian"));
    const report = await incident("report --id theft --answers @answer.json --network local");
    expectOk(report);
    const markdown = readFileSync(chain.path("records/theft.md"), "utf8");
    for (const words of [
      "P1",
      "in time",
      "signer-compromise, revoke",
      "hook",
      "5 of 5 entries, compared",
      "opened by ada",
    ])
      expect(markdown).to.contain(words);
    expect(markdown, "roles by name").to.match(/ProofXVerifier RoleGranted: role \S+ROLE/);
    const html = readFileSync(chain.path("records/theft.html"), "utf8");
    expect(html).to.contain("<table>").and.to.contain("default-src 'none'");
    expect(readFileSync(chain.path("records/theft.pdf")).subarray(0, 5).toString()).to.equal("%PDF-");
  });

  it("what people write is text in the report, whatever it looks like", async () => {
    writeFileSync(chain.path("evil"), "");
    expectOk(
      await incident(
        "open --id evil --title <script>alert(1)</script>|[x](javascript:y)-https://evil.example-www.evil.example-a@evil.example --severity low",
      ),
    );
    const report = await incident("report --id evil --format html,md --out @reports");
    expectOk(report);
    expect(report.stdout).to.contain("lacks the chain: name it with --network");
    const html = readFileSync(chain.path("reports/evil.html"), "utf8");
    expect(html).to.not.contain("<script").and.to.not.contain("href=");
    expect(html).to.contain("https://evil.example-www.evil.example-a@evil.example");
    expect(existsSync(chain.path("reports/evil.pdf"))).to.equal(false);
  });
});
