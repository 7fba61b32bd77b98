import { expect } from "chai";
import { agentField } from "../../../src/aleo/agent-id.ts";
import { type AttestorPlan, planAttestation, planRevocation } from "../../../src/aleo/bridge/attestor.ts";
import { bindAgent, unbindAgent } from "../../../src/aleo/bridge/bind.ts";
import { readBindings } from "../../../src/aleo/bridge/log.ts";
import { BridgePrograms } from "../../../src/aleo/bridge/programs.ts";
import { recordsOf, sendRecords } from "../../../src/aleo/bridge/records.ts";
import { RejectedTransaction, type Sent } from "../../../src/aleo/client.ts";
import { ALEO_FIELD_ORDER, type AleoSigner, recordToJson } from "../../../src/core/aleo/index.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { CheckError, RefusedError } from "../../../src/core/errors.ts";
import { uuidBytes } from "../../../src/core/uuid.ts";
import { startWorld, type Tenant, type World } from "../../services/sequencer/world.ts";
import { subjectOf } from "../../support/contracts/system.ts";
import { type AleoUnderTest, needsDevnode, type Party, startAleo } from "../support.ts";
import { startChain, type TestChain } from "./chain.ts";
import { newAgent, placeOf, type StreamAgent } from "./support.ts";

const STAKE = 1_000_000n;
const METRICS = { accuracy_rate: 9000, success_rate: 8500, avg_latency_ms: 250, total_executions: 1000 };
const LIFETIME = 40;

/** Each test goes on where the one before it left the ledger: a transaction takes a second. */
describe("aleo: the attestor between the chain, the log and the ledger", function () {
  this.timeout(300_000);
  let world: World;
  let tenant: Tenant;
  let chain: TestChain;
  let aleo: AleoUnderTest;
  let alice: StreamAgent;
  let owner: Party;
  let attestor: Party;
  let agent: bigint;
  let registration: Sent;

  before(async function () {
    needsDevnode(this);
    [world, aleo] = await Promise.all([startWorld(), startAleo()]);
    tenant = await world.newTenant();
    alice = await newAgent(world, tenant);
    agent = agentField(alice.agent.id);
    chain = await startChain(toHex(placeOf(tenant).streamId), toHex(uuidBytes("agent", alice.agent.id)));
    [owner, attestor] = [await aleo.party(1), await aleo.party(2)];
    registration = await owner.registry.execute("register_agent", {
      agent,
      metrics: METRICS,
      salt: 1n,
      stake: STAKE,
    });
    await aleo.admin.verifier.execute("set_attestor", { new_attestor: attestor.address });
  });
  after(async () => {
    await aleo?.close();
    await world?.close();
  });

  const signerOf = ({ account }: Party): AleoSigner => ({
    address: account.address,
    sign: async (message) => account.sign(message),
  });
  const plan = (confirmations = 1, as = attestor): Promise<AttestorPlan> =>
    planAttestation(
      {
        ledger: aleo.ledger,
        address: as.address,
        ask: () => chain.ask({ confirmations }),
        boundAddress: async () => {
          const { book } = await readBindings(alice.client, alice.work.place, alice.work.signatures);
          return book.ofAgent(alice.agent.id, BigInt(Date.now()))?.binding.aleoAddress;
        },
        lifetime: LIFETIME,
      },
      { agentId: alice.agent.id, policyId: 1n },
    );
  const carryOut = ({ call }: AttestorPlan, as = attestor): Promise<Sent> => {
    if (call === undefined) throw new Error("there is nothing to carry out");
    return as.client.execute(call.program, call.name, call.inputs);
  };
  const highTrust = (execution: bigint): Promise<Sent> =>
    owner.verifier.execute("verify_high_trust", {
      agent,
      execution_id: execution,
      input_hash: 1n,
      output_hash: 2n,
      salt: 3n,
      confidence: 8_500,
    });
  const failure = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  it("nothing is attested of an agent whom the chain does not attest, or the log does not bind to its owner", async () => {
    expect(await plan()).to.include({ act: "refuse", reason: "the log binds the agent to no Aleo address" });
    await chain.attest();
    await chain.mine(1);
    await bindAgent(alice.work, alice.agent, signerOf(aleo.admin), 86_400n);
    const { act, reason } = await plan();
    expect([act, reason]).to.deep.equal([
      "refuse",
      `${owner.address} owns it in the registry, and the log binds the agent to ${aleo.admin.address}`,
    ]);
    expect(await failure(highTrust(100n))).to.be.instanceOf(RejectedTransaction);
  });

  it("an attestation is not written before it is deep enough, then once, and stands for a high-trust execution", async () => {
    await unbindAgent(alice.work, alice.agent.id);
    await bindAgent(alice.work, alice.agent, signerOf(owner), 86_400n);
    expect(await plan(5)).to.include({ act: "wait" });
    await chain.mine(4);
    const planned = await plan(5);
    expect(planned.act).to.equal("write");
    await carryOut(planned);
    const { system } = chain;
    const stream = toHex(placeOf(tenant).streamId);
    const id = toHex(uuidBytes("agent", alice.agent.id));
    const written = await new BridgePrograms(aleo.ledger).attestation(agent);
    expect(written).to.deep.equal({
      attestor: attestor.address,
      chain_id: system.chainId,
      verifier: BigInt(await system.verifier.getAddress()),
      subject: subjectOf(stream, id) % ALEO_FIELD_ORDER,
      policy: 1n,
      batch_end: 10n,
      expires_at: planned.attestation?.expires_at,
    });
    expect(await plan(5)).to.include({ act: "keep" });
    const sent = await highTrust(101n);
    const records = await recordsOf(aleo.ledger, "testnet", sent);
    expect(records.map(recordToJson)).to.have.length(1);
    expect(records[0]).to.include({ kind: "trust", agentId: alice.agent.id, trust: 9_500, attested: true });
    const outcomes = await sendRecords(alice.client, [...records, ...(await recorded(registration))]);
    expect(outcomes.map(({ already }) => already)).to.deep.equal([false, false]);
    const again = await sendRecords(alice.client, [...records, ...(await recorded(registration))]);
    expect(again.map(({ already }) => already)).to.deep.equal([true, true]);
  });

  const recorded = async (sent: Sent) => {
    const records = await recordsOf(aleo.ledger, "testnet", sent);
    expect(records).to.have.length(1);
    expect(records[0]).to.include({
      kind: "stake",
      change: "registered",
      amount: STAKE,
      height: sent.height,
    });
    return records;
  };

  it("one that has lived half its time, or is about an older batch, is written anew", async () => {
    await aleo.devnode.advance(LIFETIME / 2);
    expect(await plan()).to.include({ act: "write" });
    await carryOut(await plan());
    expect(await plan()).to.include({ act: "keep" });
    await chain.attest();
    const planned = await plan();
    expect(planned.attestation?.batch_end).to.equal(20n);
    expect(planned.act).to.equal("write");
  });

  it("nobody else writes or revokes: the ledger rejects it, and the bridge says so before", async () => {
    const { call } = await plan();
    const inputs = call?.inputs ?? [];
    expect(
      await failure(owner.client.execute(BridgePrograms.verifier, "write_attestation", inputs)),
    ).to.be.instanceOf(RejectedTransaction);
    const refusal = await failure(plan(1, owner));
    expect(refusal).to.be.instanceOf(RefusedError);
    expect(refusal).to.have.property("message").that.includes("is not the attestor");
    expect(
      await failure(planRevocation({ ledger: aleo.ledger, address: owner.address }, alice.agent.id)),
    ).to.be.instanceOf(RefusedError);
    expect(
      await planRevocation({ ledger: aleo.ledger, address: aleo.admin.address }, alice.agent.id),
    ).to.include({
      act: "revoke",
    });
  });

  it("while the attestor is paused nothing is written", async () => {
    await aleo.admin.verifier.execute("pause_attestor", {});
    const refusal = await failure(plan());
    expect(refusal).to.be.instanceOf(RefusedError);
    expect(refusal).to.have.property("message").that.includes("the attestor is paused");
    expect(await failure(highTrust(102n))).to.be.instanceOf(RejectedTransaction);
    await aleo.admin.verifier.execute("unpause_attestor", {});
  });

  it("a distrusted attestation is revoked, and stands for no execution any more", async () => {
    const { verifier: onChain, actors } = chain.system;
    await onChain.connect(actors.admin).distrustSigner(actors.signer.address, 0n);
    const planned = await plan();
    expect(planned).to.include({
      act: "revoke",
      reason: "it does not stand: cut, retired or distrusted since",
    });
    await carryOut(planned);
    expect(await new BridgePrograms(aleo.ledger).attestation(agent)).to.equal(undefined);
    const rejection = await failure(highTrust(103n));
    if (!(rejection instanceof RejectedTransaction)) throw rejection;
    expect(await failure(recordsOf(aleo.ledger, "testnet", rejection.confirmation))).to.be.instanceOf(
      CheckError,
    );
    expect(await plan()).to.include({ act: "refuse" });
    expect(
      await failure(planRevocation({ ledger: aleo.ledger, address: attestor.address }, alice.agent.id)),
    ).to.be.instanceOf(CheckError);
  });
});
