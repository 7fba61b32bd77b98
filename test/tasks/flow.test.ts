import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { JsonRpcSigner } from "ethers";
import { type CommandResult, type Operator, settingsFor, startOperator } from "../support/cli.ts";

const TENANT = "7e4a0000-0000-4000-8000-00000000000a";
const STORE = "570e0000-0000-4000-8000-00000000000a";
const AGENT = "a9e40000-0000-4000-8000-00000000000a";
const EVENTS = ["e0000000-0000-4000-8000-000000000001", "e0000000-0000-4000-8000-000000000002"];

describe("from facts to an attestation, as an operator types it", function () {
  this.timeout(240_000);

  let operator: Operator;
  const at = (name: string) => operator.path(name);
  const run = (...args: string[]) => operator.hardhat(args);
  const onChain = (...args: string[]) => run(...args, "--network", "local");

  before(async () => {
    operator = await startOperator({
      accounts: ["deployer", "admin", "guardian", "signer", "policy-admin", "anchorer", "submitter"],
      agents: ["agent"],
    });
    writeFileSync(at("deploy.toml"), settingsFor(operator.accounts));
    expectOk(await onChain("deploy", "--settings", at("deploy.toml"), "--key", "deployer"));
    writeFileSync(
      at("agents.json"),
      JSON.stringify([{ agentId: AGENT, keyId: 1, publicKey: operator.agents.agent }]),
    );
    writeFileSync(at("facts.in.json"), JSON.stringify({ amounts: ["8400", "0", "0", "0"], category: 2 }));
  });

  after(() => operator?.close());

  const draft = (event: number, more: object = {}) => {
    const path = at(`draft-${event}.json`);
    writeFileSync(
      path,
      JSON.stringify({
        tenant_id: TENANT,
        store_id: STORE,
        source_agent_id: AGENT,
        event_id: EVENTS[event],
        entity_type: "payment",
        entity_id: "p-1",
        event_type: "payment.sent",
        payload: {},
        ...more,
      }),
    );
    return path;
  };

  it("writes the admin's calls unsigned, plain and for a Safe, when the admin's key is elsewhere", async () => {
    const open = [
      "stream",
      "open",
      "--tenant",
      TENANT,
      "--store",
      STORE,
      "--anchorer",
      operator.accounts.anchorer ?? "",
    ];
    const result = await onChain(...open, "--out", at("open.json"), "--json");
    expectOk(result);
    const unsigned = JSON.parse(readFileSync(at("open.json"), "utf8"));
    expect(unsigned.from).to.equal(operator.accounts.admin);
    expect(unsigned.calls[0].decoded.signature).to.equal("openStream(bytes32,address,uint32)");
    expect(JSON.parse(readFileSync(at("open.safe.json"), "utf8")).transactions[0].data).to.equal(
      unsigned.calls[0].data,
    );

    // What was written does the job when the admin sends it.
    await operator.provider.send("hardhat_impersonateAccount", [operator.accounts.admin]);
    const admin = new JsonRpcSigner(operator.provider, operator.accounts.admin ?? "");
    const { to, data } = unsigned.calls[0];
    await (await admin.sendTransaction({ to, data })).wait();
    const again = await onChain(...open, "--key", "admin");
    expect(again.code).to.equal(1);
    expect(again.stderr).to.contain("StreamAlreadyOpen(");
  });

  it("shows a call and sends nothing in a dry run, and says when the sender may not", async () => {
    const register = ["policy", "register", "--policy", "config/policies/aml-threshold.toml"];
    const dry = await onChain(...register, "--dry-run");
    expectOk(dry);
    expect(dry.stdout).to.contain("nothing sent").and.to.contain("registerPolicy(");
    const refused = await onChain(...register, "--dry-run", "--key", "submitter");
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.contain("AccessControlUnauthorizedAccount(");
    expect(
      (await onChain("policy", "list", "--json")).json<{ policies: unknown[] }>().policies,
    ).to.have.lengthOf(0);
  });

  it("registers a policy from a file, and lists it in plain", async () => {
    expectOk(
      await onChain(
        "policy",
        "register",
        "--policy",
        "config/policies/aml-threshold.toml",
        "--key",
        "policy-admin",
      ),
    );
    const { stdout } = await onChain("policy", "list");
    expect(stdout).to.contain("0 <= [1, 0, 0, 0] * amounts <= 9999, categories 2");
  });

  it("refuses a policy file with a limit that is no integer, naming it", async () => {
    writeFileSync(at("bad-policy.toml"), 'weights = [1, 0, 0, 0]\nlower = "ten"\n');
    const { code, stderr } = await onChain(
      "policy",
      "register",
      "--policy",
      at("bad-policy.toml"),
      "--key",
      "policy-admin",
    );
    expect(code).to.equal(2);
    expect(stderr).to.contain("lower: expected an integer in decimal");
  });

  it("commits to facts without showing the salt, and never overwrites the only copy", async () => {
    const commit = ["facts", "commit", "--in", at("facts.in.json"), "--out", at("facts.json")];
    const first = await run(...commit);
    expectOk(first);
    const { facts } = JSON.parse(readFileSync(at("facts.json"), "utf8"));
    expect(first.stdout).to.not.contain(facts.salt);
    const second = await run(...commit);
    expect(second.code).to.equal(2);
    expect(second.stderr).to.contain("expected a file that does not exist");
    expect(JSON.parse(readFileSync(at("facts.json"), "utf8")).facts).to.deep.equal(facts);
  });

  it("refuses an amount of 2^64 and a category of 64", async () => {
    const commit = (facts: object) =>
      operator.hardhat(["facts", "commit", "--in", "-", "--out", at("never.json")], {
        stdin: JSON.stringify(facts),
      });
    const amount = await commit({ amounts: ["18446744073709551616", "0", "0", "0"], category: 2 });
    expect(amount.code).to.equal(2);
    expect(amount.stderr).to.contain("facts.amounts[0]");
    const category = await commit({ amounts: ["1", "0", "0", "0"], category: 64 });
    expect(category.code).to.equal(2);
    expect(category.stderr).to.contain("facts.category");
  });

  it("signs events, with facts and without", async () => {
    const sign = (event: number, ...more: string[]) =>
      run("event", "sign", "--draft", draft(event), "--key", "agent", "--out", at("events.ndjson"), ...more);
    expectOk(await sign(0, "--facts", at("facts.json")));
    expectOk(await sign(1));
    expect(readFileSync(at("events.ndjson"), "utf8").trim().split("\n")).to.have.lengthOf(2);
  });

  it("refuses to anchor an event that was changed after it was signed", async () => {
    const [first, second] = readFileSync(at("events.ndjson"), "utf8").trim().split("\n");
    const forged = { ...JSON.parse(first ?? ""), entity_id: "p-2" };
    writeFileSync(at("forged.ndjson"), `${JSON.stringify(forged)}\n${second}\n`);
    const { code, stderr } = await onChain(
      "batch",
      "anchor",
      "--events",
      at("forged.ndjson"),
      "--agents",
      at("agents.json"),
      "--key",
      "anchorer",
      "--out",
      at("never.json"),
    );
    expect(code).to.equal(1);
    expect(stderr).to.contain(`event ${EVENTS[0]}`);
  });

  it("refuses an event of an agent whose key is not registered", async () => {
    writeFileSync(at("nobody.json"), "[]");
    const { code, stderr } = await onChain(
      "batch",
      "anchor",
      "--events",
      at("events.ndjson"),
      "--agents",
      at("nobody.json"),
      "--key",
      "anchorer",
      "--out",
      at("never.json"),
    );
    expect(code).to.equal(1);
    expect(stderr).to.contain("has no key 1");
  });

  const anchor = (...more: string[]) =>
    onChain(
      "batch",
      "anchor",
      "--events",
      at("events.ndjson"),
      "--agents",
      at("agents.json"),
      "--out",
      at("batch-1.json"),
      ...more,
    );

  it("lets only the stream's anchorer anchor", async () => {
    const { code, stderr } = await anchor("--key", "submitter");
    expect(code).to.equal(1);
    expect(stderr).to.contain("NotAnchorer(");
  });

  it("anchors the batch, and run again after a lost file writes it anew without a second transaction", async () => {
    expectOk(await anchor("--key", "anchorer"));
    const written = readFileSync(at("batch-1.json"), "utf8");
    const sent = await operator.provider.getTransactionCount(operator.accounts.anchorer ?? "");
    writeFileSync(at("batch-1.json"), "");
    expectOk(await anchor("--key", "anchorer"));
    expect(readFileSync(at("batch-1.json"), "utf8")).to.equal(written);
    expect(await operator.provider.getTransactionCount(operator.accounts.anchorer ?? "")).to.equal(sent);
  });

  it("refuses a batch that does not follow on the newest one", async () => {
    expectOk(
      await run(
        "event",
        "sign",
        "--draft",
        draft(1, { event_id: "e0000000-0000-4000-8000-000000000003" }),
        "--key",
        "agent",
        "--out",
        at("more.ndjson"),
      ),
    );
    const { code, stderr } = await onChain(
      "batch",
      "anchor",
      "--events",
      at("more.ndjson"),
      "--agents",
      at("agents.json"),
      "--key",
      "anchorer",
      "--out",
      at("never.json"),
    );
    expect(code).to.equal(1);
    expect(stderr).to.contain("--previous: expected the stream's newest batch");
  });

  const prove = (out: string, ...more: string[]) =>
    onChain(
      "prove",
      "--batch",
      at("batch-1.json"),
      "--event",
      EVENTS[0] ?? "",
      "--facts",
      at("facts.json"),
      "--policy",
      "1",
      "--submitter",
      operator.accounts.submitter ?? "",
      "--out",
      at(out),
      ...more,
    );

  it("refuses to prove an event that carries no facts, another event's facts, and an unknown policy", async () => {
    const none = await prove("never.json", "--event", EVENTS[1] ?? "");
    expect(none.code).to.not.equal(0);
    expectOk(await run("facts", "commit", "--in", at("facts.in.json"), "--out", at("other-facts.json")));
    const other = await onChain(
      "prove",
      "--batch",
      at("batch-1.json"),
      "--event",
      EVENTS[0] ?? "",
      "--facts",
      at("other-facts.json"),
      "--policy",
      "1",
      "--submitter",
      operator.accounts.submitter ?? "",
      "--out",
      at("never.json"),
    );
    expect(other.code).to.equal(1);
    expect(other.stderr).to.contain("commits to other facts");
    const unknown = await onChain(
      "prove",
      "--batch",
      at("batch-1.json"),
      "--event",
      EVENTS[0] ?? "",
      "--facts",
      at("facts.json"),
      "--policy",
      "9",
      "--submitter",
      operator.accounts.submitter ?? "",
      "--out",
      at("never.json"),
    );
    expect(unknown.code).to.equal(2);
    expect(unknown.stderr).to.contain("expected a registered, active policy");
  });

  it("proves and attests, and the proof file holds nothing of the facts", async () => {
    expectOk(await prove("proof.json"));
    const text = readFileSync(at("proof.json"), "utf8");
    const { facts } = JSON.parse(readFileSync(at("facts.json"), "utf8"));
    expect(text).to.not.contain(facts.salt).and.to.not.contain('"8400"');
    const sent = await onChain(
      "attest",
      "--proof",
      at("proof.json"),
      "--signer",
      "signer",
      "--key",
      "submitter",
      "--json",
    );
    expectOk(sent);
    expect(sent.json<{ verified: boolean }>().verified).to.equal(true);
    const { streamId } = JSON.parse(readFileSync(at("batch-1.json"), "utf8"));
    const shown = await onChain(
      "attestation",
      "--stream",
      streamId,
      "--agent",
      AGENT,
      "--policy",
      "1",
      "--json",
    );
    expect(shown.json<{ compliant: boolean; standing: boolean }>()).to.include({
      compliant: true,
      standing: true,
    });
  });

  it("refuses the same proof again: the attestation only moves forward", async () => {
    const { code, stderr } = await onChain(
      "attest",
      "--proof",
      at("proof.json"),
      "--signer",
      "signer",
      "--key",
      "submitter",
    );
    expect(code).to.equal(1);
    expect(stderr).to.contain("NotNewer(recordedBatchIndex=1, givenBatchIndex=1)");
  });

  it("refuses a signer without the role, and a submitter the proof does not name", async () => {
    const signer = await onChain(
      "attest",
      "--proof",
      at("proof.json"),
      "--signer",
      "admin",
      "--key",
      "submitter",
    );
    expect(signer.code).to.equal(1);
    expect(signer.stderr).to.contain("SignerNotAuthorised(");
    const submitter = await onChain(
      "attest",
      "--proof",
      at("proof.json"),
      "--signer",
      "signer",
      "--key",
      "anchorer",
    );
    expect(submitter.code).to.equal(1);
    expect(submitter.stderr).to.contain("WrongSubmitter(");
  });

  it("finds the one proof of several that does not hold, before any gas is paid", async () => {
    const proof = JSON.parse(readFileSync(at("proof.json"), "utf8"));
    const wrong = { ...proof, signals: [proof.signals[0], proof.signals[1], proof.signals[2], "7"] };
    writeFileSync(at("wrong.json"), JSON.stringify(wrong));
    const paths = ["proof.json", "proof.json", "wrong.json", "proof.json"].map(at).join(",");
    const { code, stderr } = await onChain(
      "attest",
      "--proof",
      paths,
      "--signer",
      "signer",
      "--key",
      "submitter",
    );
    expect(code).to.equal(1);
    expect(stderr).to.contain(`the proof in ${at("wrong.json")} does not hold`);
  });

  it("answers as JSON for machines, errors too", async () => {
    const { code, stdout } = await onChain("policy", "register", "--json");
    expect(code).to.equal(2);
    expect(JSON.parse(stdout)).to.include({ error: "InputError" });
  });
});

function expectOk({ code, stderr, stdout }: CommandResult): void {
  expect(code, `${stderr}\n${stdout}`).to.equal(0);
}
