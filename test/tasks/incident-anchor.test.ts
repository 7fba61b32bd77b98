import { writeFileSync } from "node:fs";
import { expect } from "chai";
import { AGENT, type AttestingOperator, startAttestingOperator } from "../support/attesting.ts";
import { expectOk, expectRefused } from "../support/cli.ts";

const STORE = "570e0000-0000-4000-8000-00000000000b";
const MATURITY = 600;

interface Answer {
  readonly status: string;
  readonly steps: readonly { id: string; status: string; lines: string[]; data: Record<string, unknown> }[];
}

describe("incident anchor-compromise", function () {
  this.timeout(240_000);

  let operator: AttestingOperator;
  let stream: string;
  const incident = (more: string) =>
    operator.type(
      `incident anchor-compromise --stream ${stream} --new-anchorer #anchorer-2 --batches @honest.json ${more} --network local --json`,
    );
  const lines = (answer: Answer, id: string) => answer.steps.find((step) => step.id === id)?.lines.join("\n");

  before(async () => {
    operator = await startAttestingOperator({ timelock_delay: "3" });
    stream = await operator.openStream(STORE, MATURITY);
    await operator.anchorEvent({ store: STORE, batch: "honest", amount: "100" });
    // The thief of the anchorer's key goes on: one batch becomes mature and is attested from, one does not.
    const event = await operator.anchorEvent({
      store: STORE,
      batch: "forged",
      previous: "honest",
      amount: "200",
    });
    await operator.pass(MATURITY);
    const proof = `--event ${event} --facts @forged.facts.json --policy 1 --submitter #submitter --out @proof.json`;
    await operator.onChain(`prove --batch @forged.json ${proof}`);
    await operator.onChain("attest --proof @proof.json --signer signer --key submitter");
    await operator.anchorEvent({ store: STORE, batch: "fresh", previous: "forged", amount: "300" });
  });
  after(() => operator?.close());

  it("refuses to keep a batch that is not the one of our own files", async () => {
    const forged = operator.json<{ batchIndex: string }>("forged.json");
    expect(forged.batchIndex).to.equal("2");
    const changed = { ...operator.json<object>("honest.json"), batchRoot: `0x${"ab".repeat(32)}` };
    writeFileSync(operator.path("changed.json"), JSON.stringify(changed));
    const refused = await operator.type(
      `incident anchor-compromise --stream ${stream} --keep 1 --new-anchorer #anchorer-2 --batches @changed.json --dry-run --network local`,
    );
    expectRefused(refused, 1, "batch 1 on chain is not ours: batchRoot");
  });

  it("refuses the thief's own account as the new anchorer, and a stream without a forged batch", async () => {
    const same = await operator.type(
      `incident anchor-compromise --stream ${stream} --keep 1 --new-anchorer #anchorer --dry-run --network local`,
    );
    expectRefused(same, 2, "another account than the compromised one");
    expectRefused(await incident("--keep 3 --dry-run"), 2, "with forged ones after it");
  });

  it("ends while the timelock waits longer than the operator does, and says when to come back", async () => {
    const waiting = await incident("--keep 1 --key admin --guardian guardian --patience 0");
    const answer = waiting.json<Answer>();
    expect([waiting.code, answer.status]).to.deep.equal([1, "awaiting"]);
    expect(lines(answer, "veto")).to.include("Batch 2 is mature").and.to.include("batch 3");
    expect(lines(answer, "reopen-wait")).to.include("run the same command again");
    // Meanwhile nobody anchors, the thief neither.
    const anchor =
      "batch anchor --events @forged.ndjson --agents @agents.json --previous @fresh.json --out @never.json";
    const refused = await operator.type(`${anchor} --key anchorer --network local`);
    expectRefused(refused, 1, "NotAnchorer(");
  });

  it("goes on: the forged tail is cut in the open, the new key anchors, what stood on it falls", async () => {
    const done = await incident("--keep 1 --key admin --guardian guardian");
    expectOk(done);
    const answer = done.json<Answer>();
    expect(answer.status).to.equal("finished");
    expect(lines(answer, "verify")).to.include("1 of them are those of our batch files");
    const list = answer.steps.find(({ id }) => id === "list")?.data.fallen as { agent: string }[];
    expect(list.map(({ agent }) => agent)).to.deep.equal([AGENT]);
    const shown = await operator.onChain(`attestation --stream ${stream} --agent ${AGENT} --policy 1 --json`);
    expect(shown.json<{ standing: boolean }>().standing).to.equal(false);

    await operator.anchorEvent({
      store: STORE,
      batch: "again",
      previous: "honest",
      amount: "400",
      key: "anchorer-2",
    });
    expect(operator.json<{ batchIndex: string }>("again.json").batchIndex).to.equal("2");
  });

  it("run again, finds everything done", async () => {
    const sent = await operator.sent("admin");
    const again = await incident("--keep 1 --key admin --guardian guardian");
    expect(again.json<Answer>().steps.every(({ status }) => status === "done before")).to.equal(true);
    expect(await operator.sent("admin")).to.equal(sent);
  });
});
