import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { AGENT, type AttestingOperator, startAttestingOperator } from "../support/attesting.ts";
import { expectOk, expectRefused } from "../support/cli.ts";

const STORE = "570e0000-0000-4000-8000-00000000000a";

interface Answer {
  readonly status: string;
  readonly stateFile: string;
  readonly steps: readonly { id: string; status: string; lines: string[]; data: Record<string, unknown> }[];
}

describe("incident signer-compromise", function () {
  this.timeout(240_000);

  let operator: AttestingOperator;
  let stream: string;
  const step = (answer: Answer, id: string) => answer.steps.find((each) => each.id === id);
  const incident = (more: string) =>
    operator.type(
      `incident signer-compromise --signer #signer --known-senders #submitter --new-key signer-2 ${more} --network local --json`,
    );
  const standing = async () =>
    (await operator.onChain(`attestation --stream ${stream} --agent ${AGENT} --policy 1 --json`)).json<{
      standing: boolean;
    }>().standing;

  before(async () => {
    operator = await startAttestingOperator();
    stream = await operator.openStream(STORE);
    const event = await operator.anchorEvent({ store: STORE, batch: "one", amount: "8400" });
    const prove = (who: string) =>
      operator.onChain(
        `prove --batch @one.json --event ${event} --facts @one.facts.json --policy 1 --submitter #${who} --out @${who}.proof.json`,
      );
    await prove("submitter");
    await prove("thief");
  });
  after(() => operator?.close());

  it("says what it needs when the chain alone does not tell since when the key is doubted", async () => {
    await operator.onChain("attest --proof @thief.proof.json --signer signer --key thief");
    const refused = await operator.type(
      "incident signer-compromise --signer #signer --new-key signer-2 --dry-run --network local",
    );
    expectRefused(refused, 2, "cannot be told from the chain");
    expect(refused.stderr).to.include(operator.accounts.thief).and.to.include("--known-senders");
  });

  it("shows in a dry run whose transactions are not ours, and changes nothing", async () => {
    const planned = await incident("--key admin --dry-run");
    expectOk(planned);
    const { first, steps } = planned.json<{ first: { notOurs: { sender: string }[] }; steps: object[] }>();
    expect(first.notOurs.map(({ sender }) => sender)).to.deep.equal([operator.accounts.thief]);
    expect(steps).to.have.lengthOf(6);
    expect(await operator.sent("admin")).to.equal(1);
    expect(await standing()).to.equal(true);
  });

  it("hands the admin's calls over unsigned when the admin's key is elsewhere, and waits", async () => {
    const waiting = await incident("--state @multisig.json --out @calls");
    const answer = waiting.json<Answer>();
    expect([waiting.code, answer.status]).to.deep.equal([1, "awaiting"]);
    expect(step(answer, "revoke")?.status).to.equal("awaiting");
    // One session of the multisig signs both.
    expect(step(answer, "distrust")?.status).to.equal("awaiting");
    expect(step(answer, "list")?.status).to.equal("open");
    const { calls } = operator.json<{ calls: { decoded: { signature: string } }[] }>("calls/revokeRole.json");
    expect(calls[0]?.decoded.signature).to.equal("revokeRole(bytes32,address)");
  });

  it("contains and recovers: the thief's attestation falls, its agent is listed, the new key vouches", async () => {
    const done = await incident("--key admin");
    expectOk(done);
    const answer = done.json<Answer>();
    expect(answer.status).to.equal("finished");
    expect(await standing()).to.equal(false);
    const fallen = step(answer, "list")?.data.fallen as { agent: string; policyId: string }[];
    expect(fallen).to.have.lengthOf(1);
    expect(fallen[0]).to.include({ agent: AGENT, policyId: "1" });

    const old = await operator.type(
      "attest --proof @submitter.proof.json --signer signer --key submitter --network local",
    );
    expectRefused(old, 1, "SignerNotAuthorised(");
    await operator.onChain("attest --proof @submitter.proof.json --signer signer-2 --key submitter");
    expect(await standing()).to.equal(true);
  });

  it("killed after any step, before it was written down, goes on without doing a thing twice", async () => {
    const first = await incident("--key admin");
    const { stateFile, steps } = first.json<Answer>();
    const whole = JSON.parse(readFileSync(stateFile, "utf8"));
    const sent = await operator.sent("admin");
    for (const [index, { id }] of steps.entries()) {
      const kept = steps.slice(0, index).map((each) => [each.id, whole.steps[each.id]]);
      writeFileSync(stateFile, JSON.stringify({ ...whole, steps: Object.fromEntries(kept) }));
      const again = await incident("--key admin");
      expectOk(again);
      expect(step(again.json<Answer>(), id)?.status, id).to.equal("done");
    }
    expect(await operator.sent("admin")).to.equal(sent);
  });

  it("refuses to go on with other values, and a damaged record, and loses nothing", async () => {
    const other = await operator.type(
      "incident signer-compromise --signer #signer --known-senders #submitter --new-key signer-3 --key admin --network local",
    );
    expectRefused(other, 2, "the incident it was begun for: --new-key signer-2");
    writeFileSync(operator.path("torn.json"), '{"version": 1, "inc');
    expectRefused(await incident("--key admin --state @torn.json"), 2, "expected JSON");
    expect(readFileSync(operator.path("torn.json"), "utf8")).to.equal('{"version": 1, "inc');
  });

  it("never takes an older key for the new one", async () => {
    const old = await operator.type(
      "incident signer-compromise --signer #signer --known-senders #submitter --new-key thief --key admin --state @old.json --network local",
    );
    expectRefused(old, 2, "expected a name that no key has yet");
  });
});
