import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { needsDevnode } from "../../aleo/support.ts";
import { expectOk, expectRefused } from "../../support/cli.ts";
import { type AleoOperator, startAleoOperator } from "./operator.ts";

/** Has the registry's name and a pause, and is another program. */
const IMPOSTOR = `program agent_registry_v3.aleo;

mapping paused:
    key as boolean.public;
    value as boolean.public;

function pause:
    async pause into r0;
    output r0 as agent_registry_v3.aleo/pause.future;

finalize pause:
    set true into paused[true];

constructor:
    assert.eq edition 0u16;
`;

/** The same ledger as a node shows it that is no development node: without the routes only that one has. */
async function asPublicNode(url: string): Promise<Server> {
  const server = createServer(async (request, response) => {
    if (request.url?.endsWith("/snapshots") === true) {
      response.writeHead(404).end();
      return;
    }
    const answer = await fetch(`${url}${request.url}`);
    response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

describe("what Aleo's tasks refuse", function () {
  this.timeout(300_000);
  let operator: AleoOperator;
  let node: Server;
  let url: string;
  const type = (line: string) => operator.type(line);

  before(async function () {
    needsDevnode(this);
    operator = await startAleoOperator(["admin"]);
    node = await asPublicNode(operator.url);
    url = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
    await (await operator.bank()).deploy(IMPOSTOR);
  });
  after(async () => {
    node?.close();
    await operator?.close();
  });

  it("to deploy over another program of the name: that is an upgrade, and the answer says how it goes", async () => {
    const before = await operator.ledger.height();
    const refused = await type("aleo deploy --key admin");
    expectRefused(refused, 3, "agent_registry_v3.aleo is there in edition 0, with another text");
    expect(refused.stderr).to.match(/approve_upgrade 0x[0-9a-f]{64} --program registry/);
    expect(await operator.ledger.height()).to.equal(before);
  });

  it("to call another program the one that was built, in a verification and on the page of health", async () => {
    const verified = await type("aleo verify-deployment --json");
    expect(verified.code).to.equal(1);
    type Verified = { ok: boolean; findings: { program: string; what: string; ok: boolean }[] };
    const { ok, findings } = verified.json<Verified>();
    expect(ok).to.equal(false);
    const wrong = findings.filter((each) => !each.ok).map(({ program, what }) => `${program} ${what}`);
    expect(wrong).to.deep.equal([
      "agent_registry_v3.aleo checksum",
      "agent_registry_v3.aleo text is the build's",
      "agent_registry_v3.aleo constructor",
      "agent_registry_v3.aleo admin",
      "trust_verifier_v3.aleo is on the ledger",
    ]);
    const page = await type("aleo health --quick");
    expect(page.code).to.equal(1);
    expect(page.stdout).to.include("NOT as committed").and.include("trust_verifier_v3.aleo is not deployed");
  });

  it("to give anything away on a network that is no development ledger", async () => {
    expectRefused(await type(`aleo faucet --to #admin --ledger ${url}`), 3, "is no development ledger");
  });

  it("to act on a public network that nobody named, or another one than was named", async () => {
    const pause = `aleo pause --program registry --key admin --ledger ${url}`;
    expectRefused(await type(pause), 3, "on the public network testnet was not confirmed");
    expectRefused(await type(`${pause} --confirm mainnet`), 2, `expected the network's name "testnet"`);
  });

  it("to go on without a ledger, and to take a silent one for a healthy one", async () => {
    const nobody = "http://127.0.0.1:1";
    const page = await type(`aleo health --ledger ${nobody}`);
    expect(page.code).to.equal(1);
    expect(page.stdout).to.match(/WRONG node .*does not answer/);
    expectRefused(await type("aleo activity --ledger ftp://127.0.0.1"), 2, "ledger: expected");
    expectRefused(await type("aleo activity --last 1week"), 2, "--last: expected a number of s, m, h or d");
    expectRefused(
      await type("aleo pause --program registrar --key admin"),
      2,
      "--program: expected registry",
    );
    expectRefused(await type("aleo rotate-admin --accept --cancel"), 2, "one of --to, --accept and --cancel");
  });

  it("nothing of a build that is of its sources, and names the compiler where there is none", async () => {
    const built = await type("aleo build --json");
    expectOk(built);
    expect(built.json<{ programs: { ok: boolean }[] }>().programs.map(({ ok }) => ok)).to.deep.equal([
      true,
      true,
    ]);
  });
});
