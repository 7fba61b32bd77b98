import { Validator } from "@seriousme/openapi-schema-validator";
import { expect } from "chai";
import { makeRelayer, makeWorld, type TestRelayer, TOKEN, type World } from "./world.ts";

describe("The relayer's HTTP interface", function () {
  this.timeout(60_000);
  let world: World;
  let relayer: TestRelayer;
  before(async () => {
    world = await makeWorld();
    relayer = await makeRelayer(world, { settings: { queue_length: 2 } });
  });
  after(async () => {
    await relayer?.close();
    await world?.close();
  });

  /** Nothing is taken out of the queue while this runs. */
  async function whilePaused(work: () => Promise<void>): Promise<void> {
    const { verifier, actors } = world.system;
    await verifier.connect(actors.admin).pause();
    try {
      await work();
    } finally {
      await verifier.connect(actors.admin).unpause();
    }
  }

  const code = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];

  it("attests a proof once: vouched for by the signer, sent and paid by the sender", async () => {
    const file = await world.prove(relayer.sender);
    const answer = await relayer.post(file, "first");
    expect(answer.status).to.equal(202);
    const { id } = (await answer.json()) as { id: string };
    expect(answer.headers.get("location")).to.equal(`/v1/submissions/${id}`);
    const view = await relayer.ended(id);
    expect(view).to.deep.include({ state: "final" });
    const receipt = await world.chain.ethers.provider.getTransactionReceipt(
      view.landed?.transactionHash ?? "",
    );
    expect(receipt?.from).to.equal(relayer.sender);
    expect(view.signer).to.equal((await relayer.get("/v1/relayer")).signer);
    const { claim } = file;
    const kept = await world.system.verifier.attestation(claim.streamId, claim.agentId, claim.policyId);
    expect([kept.standing, kept.record.signer]).to.deep.equal([true, view.signer]);
    expect(await relayer.metric("spent_ether")).to.be.greaterThan(0);
    expect(await relayer.metric("attest_gas_count")).to.be.greaterThan(0);
    expect(await relayer.metric("attest_gas_sum")).to.be.lessThan((await relayer.metric("gas_limit")) ?? 0);
  });

  it("the same key again is the same submission, also when it has ended; another proof under it is refused", async () => {
    const file = await world.prove(relayer.sender);
    const id = await relayer.submit(file, "again");
    expect(await relayer.submit(file, "again")).to.equal(id);
    await relayer.ended(id);
    expect(await relayer.submit(file, "again")).to.equal(id);
    expect(await world.events(file)).to.equal(1);
    const other = await world.prove(relayer.sender);
    expect(await code(await relayer.post(other, "again"))).to.deep.equal([409, "idempotency-key-reused"]);
  });

  it("wants the token for everything about submissions, and never repeats what was shown instead", async () => {
    const file = await world.prove(relayer.sender);
    for (const token of ["", "another-token-altogether", `${TOKEN}x`, TOKEN.slice(1)]) {
      const answer = await relayer.post(file, "stolen", token);
      expect(answer.headers.get("www-authenticate")).to.equal("Bearer");
      const text = await answer.text();
      expect([answer.status, JSON.parse(text).code]).to.deep.equal([401, "unauthorised"]);
      if (token !== "") expect(text).not.to.include(token);
    }
    for (const path of ["/v1/submissions", "/v1/submissions/x"])
      expect((await fetch(`${relayer.url}${path}`)).status).to.equal(401);
    const cancel = await fetch(`${relayer.url}/v1/submissions/x/cancel`, { method: "POST" });
    expect(cancel.status).to.equal(401);
  });

  it("refuses what it could never send, before anything is kept", async () => {
    const file = await world.prove(relayer.sender);
    const stranger = world.system.actors.stranger.address;
    const { claim } = file;
    const bad: [unknown, number, string][] = [
      [{ ...file, chainId: "1" }, 422, "wrong-deployment"],
      [{ ...file, verifier: stranger }, 422, "wrong-deployment"],
      [{ ...file, claim: { ...claim, submitter: stranger } }, 422, "wrong-deployment"],
      [{ ...file, claim: { ...claim, deadline: "1" } }, 422, "deadline-passed"],
      [{ ...file, claim: { ...claim, policyId: String(2n ** 256n) } }, 400, "invalid-request"],
      [{ ...file, claim: { ...claim, circuitVersion: String(2n ** 32n) } }, 400, "invalid-request"],
      [{ ...file, extra: 1 }, 400, "invalid-request"],
      [{}, 400, "invalid-request"],
    ];
    const before = (await relayer.get("/v1/submissions")).total;
    for (const [body, status, name] of bad)
      expect(await code(await relayer.post(body, "bad")), name).to.deep.equal([status, name]);
    for (const key of ["", "with space", "x".repeat(201)])
      expect(await code(await relayer.post(file, key))).to.deep.equal([400, "idempotency-key-missing"]);
    expect((await relayer.get("/v1/submissions")).total).to.equal(before);
  });

  it("cancels what nobody has vouched for, and only that", async () => {
    const file = await world.prove(relayer.sender);
    await whilePaused(async () => {
      const id = await relayer.submit(file, "cancelled");
      await relayer.until(id, ({ waiting }) => waiting?.cause === "paused");
      const cancel = () =>
        fetch(`${relayer.url}/v1/submissions/${id}/cancel`, {
          method: "POST",
          headers: { authorization: `Bearer ${TOKEN}` },
        });
      expect((await cancel()).status).to.equal(200);
      expect(await code(await cancel())).to.deep.equal([409, "too-late"]);
    });
    const done = await relayer.submit(await world.prove(relayer.sender));
    await relayer.ended(done);
    expect(await world.events(file)).to.equal(0);
    const { submissions } = (await relayer.get("/v1/submissions?state=cancelled")) as {
      submissions: { idempotencyKey: string }[];
    };
    expect(submissions.map(({ idempotencyKey }) => idempotencyKey)).to.deep.equal(["cancelled"]);
  });

  it("takes no more than its queue holds, and says so", async () => {
    await whilePaused(async () => {
      for (let i = 0; i < 2; i++) await relayer.submit(await world.prove(relayer.sender), `queued-${i}`);
      const answer = await relayer.post(await world.prove(relayer.sender), "one too many");
      expect(answer.status).to.equal(400);
      const full = await relayer.post(await world.prove(relayer.sender), "one-too-many");
      expect(full.headers.get("retry-after")).to.equal("60");
      expect(await code(full)).to.deep.equal([429, "queue-full"]);
    });
    const { submissions } = (await relayer.get("/v1/submissions?limit=2")) as {
      submissions: { id: string }[];
    };
    for (const { id } of submissions) expect((await relayer.ended(id)).state).to.equal("final");
  });

  it("describes itself in OpenAPI 3.1, and lists its problems", async () => {
    const document = (await relayer.get("/v1/openapi.json")) as { paths: object };
    expect(document.paths).to.include.keys("/v1/submissions", "/v1/submissions/{id}/cancel", "/v1/relayer");
    expect((await new Validator().validate(document as never)).valid).to.equal(true);
    expect(await relayer.get("/v1/problems")).to.include.keys("spending-limit", "too-late", "unauthorised");
  });
});
