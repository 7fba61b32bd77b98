import { readFileSync } from "node:fs";
import { expect } from "chai";
import { Contract, JsonRpcProvider } from "ethers";
import { type StoryChain, startChain } from "../../scripts/story/chain.ts";
import { PATHS } from "../../scripts/story/context.ts";
import { lockStory } from "../../scripts/story/lock.ts";
import { renderPage } from "../../scripts/story/page.ts";
import { prepare } from "../../scripts/story/prepare.ts";
import { runStory } from "../../scripts/story/run.ts";
import { STEPS } from "../../scripts/story/steps/index.ts";
import { abiOf } from "../../src/chain/artifacts.ts";

describe("the story, with assertions", function () {
  this.timeout(400_000);

  let unlock: () => Promise<void>;
  let chain: StoryChain;
  let provider: JsonRpcProvider;
  let story: Awaited<ReturnType<typeof runStory>>;

  before(async () => {
    unlock = await lockStory();
    prepare();
    chain = await startChain();
    provider = new JsonRpcProvider(chain.rpcUrl);
    const silent = { begin() {}, note() {}, end() {} };
    story = await runStory(STEPS, chain.rpcUrl, silent);
  });

  after(async () => {
    provider?.destroy();
    await chain?.close();
    await unlock?.();
  });

  const verifier = () =>
    new Contract(story.facts.addresses.verifier ?? "", abiOf("ProofXVerifier"), provider);
  const agentId = (act: string) => `0x${story.facts.events[act]?.agentId.replaceAll("-", "")}`;
  const isCompliant = async (act: string, policy: string): Promise<unknown> =>
    verifier().isCompliant?.(story.facts.streamId, agentId(act), story.facts.policies[policy], 3_600);

  it("tells every step", () => {
    expect(story.told.map(({ step }) => step.id)).to.deep.equal(STEPS.map(({ id }) => id));
  });

  it("attests the three facts that comply, read from the chain by somebody else", async () => {
    expect(story.facts.compliant).to.deep.equal({
      "balance for capital-adequacy": true,
      "payment for aml-threshold": true,
      "order for order-cap": true,
    });
    // Two of them fell with the stolen signer, and were proved again.
    expect(await isCompliant("balance", "capital-adequacy")).to.equal(true);
    expect(await isCompliant("payment", "aml-threshold")).to.equal(true);
    expect(await isCompliant("order", "order-cap")).to.equal(true);
  });

  it("attests nothing that was not proved", async () => {
    expect(await isCompliant("balance", "aml-threshold")).to.equal(false);
    expect(await isCompliant("order", "payment-cap")).to.equal(false);
  });

  it("has every agent's event in the log, under a place of its own that batches and chain agree on", () => {
    const places = Object.values(story.facts.events).map(({ sequence }) => sequence);
    expect(new Set(places).size).to.equal(4);
    expect(Object.keys(story.facts.batchFiles)).to.deep.equal(Object.keys(story.facts.events));
  });

  it("ends with an auditor's file that holds offline, says what it does not prove, and is refused once altered", () => {
    const { proved, notProved, tampered } = story.facts.audit;
    expect(proved).to.be.greaterThan(10);
    expect(notProved).to.be.greaterThan(0);
    expect(tampered).to.be.greaterThan(0);
  });

  it("binds an agent that staked on Aleo by both keys, and records both facts; or says what is missing", () => {
    const { aleo, aleoBinding, agents } = story.facts;
    if (aleo?.there === true) expect(aleoBinding).to.include({ agentId: agents[0]?.agentId, records: 2 });
    else expect(aleo?.next ?? "").to.not.equal("");
  });

  it("refuses the breach twice, and explains it to the holder of the facts", () => {
    expect(story.facts.breach.explained).to.contain("15000").and.to.contain("above");
    expect(story.facts.breach.circuit).to.contain("WithinBounds");
  });

  it("answers a stolen signer: what it vouched for falls, the new one vouches, the old one cannot", async () => {
    expect(story.facts.theft).to.deep.equal({ verified: false, status: "finished", fallen: 3, again: true });
    const role = await verifier().SIGNER_ROLE?.();
    expect(await verifier().hasRole?.(role, story.facts.accounts.signer)).to.equal(false);
  });

  it("answers a circuit that accepts what is false: the forged attestation falls, nothing stays paused", async () => {
    const { status, before, after, fallen } = story.facts.circuitBug;
    expect([status, before, after, fallen]).to.deep.equal(["finished", true, false, 1]);
    expect(await verifier().paused?.()).to.equal(false);
    const versions = await Promise.all([1, 2, 3].map((version) => verifier().circuitVersion?.(version)));
    // Superseded, broken, active.
    expect(versions.map((version) => Number(version?.status))).to.deep.equal([3, 4, 2]);
  });

  it("calls whoever is on duty for what both incidents did", () => {
    expect(story.facts.alerts).to.include({
      ProofRejected: 1,
      RoleRevoked: 1,
      SignerDistrusted: 1,
      Paused: 1,
      Unpaused: 1,
      TimelockExecuted: 2,
    });
    expect(story.facts.alerts).to.include.keys("CircuitVersionAdded", "CircuitVersionRetired", "RoleGranted");
  });

  it("records every failed proof, from the signer who vouched for it: a tampered one and the thief's", async () => {
    const contract = verifier();
    const logs = await contract.queryFilter("ProofVerified");
    const failed = logs
      .map((log) => contract.interface.parseLog(log))
      .filter((log) => log?.args.verified === false);
    expect(failed).to.have.lengthOf(2);
    for (const log of failed) expect(log?.args.signer).to.equal(story.facts.accounts.signer);
    expect(story.facts.tampered).to.deep.equal({ verified: false, honestAfterwards: true });
  });

  it("leaves the deployer without a role, and the deployment as the source says", async () => {
    const contract = verifier();
    for (const role of [
      "DEFAULT_ADMIN_ROLE",
      "SIGNER_ROLE",
      "PAUSER_ROLE",
      "POLICY_ROLE",
      "UPGRADER_ROLE",
      "CIRCUIT_ROLE",
    ]) {
      expect(
        await contract.hasRole?.(await contract[role]?.(), story.facts.accounts.deployer),
        role,
      ).to.equal(false);
    }
    expect(story.facts.deploymentHolds).to.equal(true);
  });

  it("makes a page that stands alone and gives nothing private away", () => {
    const page = renderPage(story.told, story.facts, chain.rpcUrl);
    for (const { title } of STEPS) expect(page).to.contain(title.replaceAll('"', "&quot;"));
    expect(page).to.not.match(/<script|src=|https?:\/\/(?!127\.0\.0\.1)/);
    expect(page).to.not.contain(readFileSync(PATHS.passphrase, "utf8"));
    for (const { factsFile } of Object.values(story.facts.events)) {
      const { facts } = JSON.parse(readFileSync(factsFile, "utf8")) as { facts: { salt: string } };
      expect(page).to.not.contain(facts.salt);
    }
  });
});
