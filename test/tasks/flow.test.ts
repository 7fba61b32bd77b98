import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { JsonRpcSigner } from "ethers";
import { expectOk, expectRefused, type Operator, settingsFor, startOperator } from "../support/cli.ts";

const TENANT = "7e4a0000-0000-4000-8000-00000000000a";
const STORE = "570e0000-0000-4000-8000-00000000000a";
const AGENT = "a9e40000-0000-4000-8000-00000000000a";
/** With facts, without facts, and one for a later batch. */
const [WITH, WITHOUT, LATER] = [1, 2, 3].map((n) => `e0000000-0000-4000-8000-00000000000${n}`);
const NAMES = ["deployer", "admin", "guardian", "signer", "policy-admin", "anchorer", "submitter"];
const AML = "config/policies/aml-threshold.toml";

describe("from facts to an attestation, as an operator types it", function () {
  this.timeout(240_000);

  let operator: Operator;
  const at = (name: string) => operator.path(name);
  const read = (name: string) => readFileSync(at(name), "utf8");
  const json = (name: string) => JSON.parse(read(name));
  const type = (line: string, stdin?: string) => operator.type(line, stdin);
  const onChain = (line: string) => type(`${line} --network local`);
  const sentBy = (name: string) => operator.provider.getTransactionCount(operator.accounts[name] ?? "");

  before(async () => {
    operator = await startOperator({ accounts: NAMES, agents: ["agent"] });
    writeFileSync(at("deploy.toml"), settingsFor(operator.accounts));
    expectOk(await onChain("deploy --settings @deploy.toml --key deployer"));
    const key = { agentId: AGENT, keyId: 1, publicKey: operator.agents.agent };
    writeFileSync(at("agents.json"), JSON.stringify([key]));
    writeFileSync(at("facts.in.json"), JSON.stringify({ amounts: ["8400", "0", "0", "0"], category: 2 }));
    for (const id of [WITH, WITHOUT, LATER]) writeFileSync(at(`${id}.json`), JSON.stringify(draft(id)));
  });

  after(() => operator?.close());

  it("writes the admin's calls unsigned, plain and for a Safe, when the admin's key is elsewhere", async () => {
    const open = `stream open --tenant ${TENANT} --store ${STORE} --anchorer #anchorer`;
    expectOk(await onChain(`${open} --out @open.json`));
    const { from, calls } = json("open.json");
    expect(from).to.equal(operator.accounts.admin);
    expect(calls[0].decoded.signature).to.equal("openStream(bytes32,address,uint32)");
    expect(json("open.safe.json").transactions[0].data).to.equal(calls[0].data);

    // What was written does the job when the admin sends it.
    await operator.provider.send("hardhat_impersonateAccount", [operator.accounts.admin]);
    const admin = new JsonRpcSigner(operator.provider, operator.accounts.admin ?? "");
    await (await admin.sendTransaction({ to: calls[0].to, data: calls[0].data })).wait();
    const again = await onChain(`${open} --key admin`);
    expectOk(again);
    expect(again.stdout).to.contain("Already so, nothing sent");
  });

  it("shows a call and sends nothing in a dry run, and says when the sender may not", async () => {
    const dry = await onChain(`policy register --policy ${AML} --dry-run`);
    expectOk(dry);
    expect(dry.stdout).to.contain("nothing sent").and.to.contain("registerPolicy(");
    const refused = await onChain(`policy register --policy ${AML} --dry-run --key submitter`);
    expectRefused(refused, 1, "AccessControlUnauthorizedAccount(");
    expect(refused.stderr).to.contain("neededRole=POLICY_ROLE");
    const listed = await onChain("policy list --json");
    expect(listed.json<{ policies: unknown[] }>().policies).to.have.lengthOf(0);
  });

  it("registers a policy from a file, and lists it in plain", async () => {
    expectOk(await onChain(`policy register --policy ${AML} --key policy-admin`));
    const { stdout } = await onChain("policy list");
    expect(stdout).to.contain("0 <= [1, 0, 0, 0] * amounts <= 9999, categories 2");
  });

  it("refuses a policy file with a limit that is no integer, naming it", async () => {
    writeFileSync(at("bad.toml"), 'weights = [1, 0, 0, 0]\nlower = "ten"\n');
    const refused = await onChain("policy register --policy @bad.toml --key policy-admin");
    expectRefused(refused, 2, `bad.toml: lower: expected an integer in decimal, in quotes, got "ten"`);
  });

  it("commits to facts without showing the salt, and never overwrites the only copy", async () => {
    const first = await type("facts commit --in @facts.in.json --out @facts.json");
    expectOk(first);
    const written = read("facts.json");
    expect(first.stdout + first.stderr).to.not.contain(json("facts.json").facts.salt);
    const second = await type("facts commit --in @facts.in.json --out @facts.json");
    expectRefused(second, 2, "expected a file that does not exist");
    expect(read("facts.json")).to.equal(written);
  });

  it("refuses an amount of 2^64 and a category of 64", async () => {
    const commit = (facts: object) => type("facts commit --in - --out @never.json", JSON.stringify(facts));
    const tooMuch = { amounts: ["18446744073709551616", "0", "0", "0"], category: 2 };
    expectRefused(await commit(tooMuch), 2, "facts.amounts[0]");
    expectRefused(await commit({ amounts: ["1", "0", "0", "0"], category: 64 }), 2, "facts.category");
  });

  it("signs events, with facts and without", async () => {
    expectOk(
      await type(`event sign --draft @${WITH}.json --key agent --out @events.ndjson --facts @facts.json`),
    );
    expectOk(await type(`event sign --draft @${WITHOUT}.json --key agent --out @events.ndjson`));
    expect(read("events.ndjson").trim().split("\n")).to.have.lengthOf(2);
  });

  it("refuses to anchor an event that was changed after it was signed", async () => {
    const [first, second] = read("events.ndjson").trim().split("\n");
    const forged = { ...JSON.parse(first ?? ""), entity_id: "p-2" };
    writeFileSync(at("forged.ndjson"), `${JSON.stringify(forged)}\n${second}\n`);
    const anchor =
      "batch anchor --events @forged.ndjson --agents @agents.json --key anchorer --out @never.json";
    expectRefused(await onChain(anchor), 1, `event ${WITH}`);
  });

  it("refuses an event whose plain payload does not open its commitment", async () => {
    const hidden = { ...draft("e0000000-0000-4000-8000-00000000000f"), payload: { facts: { amounts: [] } } };
    writeFileSync(at("hidden.json"), JSON.stringify(hidden));
    expectOk(await type("event sign --draft @hidden.json --key agent --out @hidden.ndjson"));
    const anchor =
      "batch anchor --events @hidden.ndjson --agents @agents.json --key anchorer --out @never.json";
    expectRefused(await onChain(anchor), 1, "has facts and no commitment to them");
  });

  it("refuses an event of an agent whose key is not registered", async () => {
    writeFileSync(at("nobody.json"), "[]");
    const anchor =
      "batch anchor --events @events.ndjson --agents @nobody.json --key anchorer --out @never.json";
    expectRefused(await onChain(anchor), 1, "has no key 1");
  });

  const anchor = "batch anchor --events @events.ndjson --agents @agents.json --out @batch-1.json";

  it("lets only the stream's anchorer anchor", async () => {
    expectRefused(await onChain(`${anchor} --key submitter`), 1, "NotAnchorer(");
  });

  it("anchors the batch, and run again after a lost file writes it anew without a second transaction", async () => {
    expectOk(await onChain(`${anchor} --key anchorer`));
    const [written, sent] = [read("batch-1.json"), await sentBy("anchorer")];
    writeFileSync(at("batch-1.json"), "");
    expectOk(await onChain(`${anchor} --key anchorer`));
    expect(read("batch-1.json")).to.equal(written);
    expect(await sentBy("anchorer")).to.equal(sent);
  });

  it("refuses to anchor an event again in the next batch", async () => {
    const again = `${anchor.replace("@batch-1.json", "@never.json")} --previous @batch-1.json --key anchorer`;
    expectRefused(await onChain(again), 1, "is in the batch before this one already");
  });

  it("refuses a batch that does not follow on the newest one", async () => {
    expectOk(await type(`event sign --draft @${LATER}.json --key agent --out @more.ndjson`));
    const again = "batch anchor --events @more.ndjson --agents @agents.json --key anchorer --out @never.json";
    expectRefused(await onChain(again), 1, "--previous: expected the stream's newest batch");
  });

  const prove = "prove --batch @batch-1.json --submitter #submitter";

  it("refuses to prove an event that carries no facts, another event's facts, and an unknown policy", async () => {
    const none = await onChain(
      `${prove} --event ${WITHOUT} --facts @facts.json --policy 1 --out @never.json`,
    );
    expectRefused(none, 2, "which carries none");
    expectOk(await type("facts commit --in @facts.in.json --out @other.json"));
    const other = await onChain(`${prove} --event ${WITH} --facts @other.json --policy 1 --out @never.json`);
    expectRefused(other, 1, "commits to other facts");
    const unknown = await onChain(
      `${prove} --event ${WITH} --facts @facts.json --policy 9 --out @never.json`,
    );
    expectRefused(unknown, 2, "expected a registered, active policy");
  });

  it("proves and attests, and the proof file holds nothing of the facts", async () => {
    expectOk(await onChain(`${prove} --event ${WITH} --facts @facts.json --policy 1 --out @proof.json`));
    expect(read("proof.json")).to.not.contain(json("facts.json").facts.salt).and.to.not.contain('"8400"');
    const sent = await onChain("attest --proof @proof.json --signer signer --key submitter --json");
    expectOk(sent);
    expect(sent.json<{ verified: boolean }>().verified).to.equal(true);
    const shown = await onChain(
      `attestation --stream ${json("batch-1.json").streamId} --agent ${AGENT} --policy 1 --json`,
    );
    expect(shown.json<object>()).to.include({ compliant: true, standing: true });
  });

  it("refuses the same proof again: the attestation only moves forward", async () => {
    const again = await onChain("attest --proof @proof.json --signer signer --key submitter");
    expectRefused(again, 1, "NotNewer(recordedBatchIndex=1, givenBatchIndex=1)");
  });

  it("refuses a signer without the role, and a submitter the proof does not name", async () => {
    const signer = await onChain("attest --proof @proof.json --signer admin --key submitter");
    expectRefused(signer, 1, "SignerNotAuthorised(");
    const submitter = await onChain("attest --proof @proof.json --signer signer --key anchorer");
    expectRefused(submitter, 1, "WrongSubmitter(");
  });

  it("says which field of a proof file is wrong and what belongs there", async () => {
    const proof = json("proof.json");
    const cut = { ...proof, claim: { ...proof.claim, agentId: "0xab" } };
    writeFileSync(at("cut.json"), JSON.stringify(cut));
    const refused = await onChain("attest --proof @cut.json --signer signer --key submitter");
    const fault = 'cut.json: claim.agentId: expected 0x and 32 lower-case hex digits, got "0xab"';
    expectRefused(refused, 2, fault);
  });

  it("finds the one proof of several that does not hold, before any gas is paid", async () => {
    const proof = json("proof.json");
    const wrong = { ...proof, claim: { ...proof.claim, agentId: `0x${"ab".repeat(16)}` } };
    writeFileSync(at("wrong.json"), JSON.stringify(wrong));
    const files = ["proof.json", "proof.json", "wrong.json", "proof.json"].map(at).join(",");
    const sent = await sentBy("submitter");
    const refused = await onChain(`attest --proof ${files} --signer signer --key submitter`);
    expectRefused(refused, 1, `the proof in ${at("wrong.json")} does not hold`);
    expect(await sentBy("submitter")).to.equal(sent);
  });

  it("answers as JSON for machines, errors too", async () => {
    const { code, stdout } = await onChain("policy register --json");
    expect(code).to.equal(2);
    expect(JSON.parse(stdout)).to.include({ error: "InputError" });
  });

  it("proves nothing under a circuit version that is distrusted, though it is active", async () => {
    const since = await operator.provider.getBlockNumber();
    expectOk(await onChain(`distrust --circuit-version 1 --since block:${since} --key admin`));
    const refused = await onChain(
      `${prove} --event ${WITH} --facts @facts.json --policy 1 --out @never.json`,
    );
    expectRefused(refused, 4, "no circuit version is active and trusted");
  });
});

function draft(eventId: string | undefined): object {
  return {
    tenant_id: TENANT,
    store_id: STORE,
    source_agent_id: AGENT,
    event_id: eventId,
    entity_type: "payment",
    entity_id: "p-1",
    event_type: "payment.sent",
    payload: {},
  };
}
