import { Validator } from "@seriousme/openapi-schema-validator";
import { expect } from "chai";
import { proveRemotely, type RemoteRequest } from "../../../src/services/prover/client.ts";
import { PROVER_PROBLEMS } from "../../../src/services/prover/problems.ts";
import { artifacts, FACTS, inputsOf } from "../../compliance/support/artifacts.ts";
import { holds, requestOf, startTestProver, type TestProver, until } from "./support/prover.ts";

const BREACH = inputsOf({ policy: { lower: 790_000_000n } });

describe("The prover service", function () {
  this.timeout(300_000);
  let prover: TestProver;
  before(async () => {
    await artifacts();
    prover = await startTestProver({ prover: ["workers = 1", "queue_length = 8"] });
  });
  after(() => prover?.end("SIGKILL"));

  it("proves over HTTP so that stock snarkjs accepts it under the key it names", async () => {
    const { setup } = await artifacts();
    const { status, body } = await prover.prove(77n);
    expect([status, body.status]).to.deep.equal([200, "proved"]);
    expect(body.result?.signals[3]).to.equal("77");
    expect(await holds(setup.verificationKeyFile, body)).to.equal(true);
    const { text } = await prover.send("GET", "/v1/circuits");
    expect(JSON.parse(text).circuits[0]).to.deep.include({
      version: 1,
      verificationKeyHash: setup.verificationKeyHash,
      publicSignals: ["factsRoot", "policyHash", "subject", "context"],
    });
  });

  it("proves for `prove --prover`, which checks the deployed key first and sends nothing in plain over a network", async () => {
    const { setup } = await artifacts();
    const asked = { circuitVersion: 1, inputs: inputsOf(), verificationKeyHash: setup.verificationKeyHash };
    const { proof } = await proveRemotely({ ...asked, url: prover.url });
    expect(proof.protocol).to.equal("groth16");
    const refused: [Partial<RemoteRequest>, string][] = [
      [{ verificationKeyHash: "0x00" }, "CheckError"],
      [{ circuitVersion: 7 }, "CheckError"],
      [{ inputs: BREACH }, "CheckError"],
      [{ url: "http://192.0.2.1:8480" }, "RefusedError"],
      [{ url: "https://user:word@localhost" }, "InputError"],
      [{ url: "http://127.0.0.1:1" }, "UnavailableError"],
    ];
    for (const [change, name] of refused) {
      const error = await proveRemotely({ ...asked, url: prover.url, ...change }).catch(
        (each: Error) => each,
      );
      expect(error, JSON.stringify(Object.keys(change))).to.have.property("name", name);
    }
  });

  it("gives a job at once to a client that will not wait, and its result later", async () => {
    for (const send of [
      () => prover.prove(2n, { prefer: "respond-async" }),
      () => prover.prove(3n, { prefer: "handling=lenient, wait=0" }),
      () => prover.enqueue(4n),
    ]) {
      const { status, headers, body } = await send();
      expect(status).to.equal(202);
      expect(headers.get("location")).to.equal(`/v1/jobs/${body.id}`);
      expect((await prover.ended(body.id)).status).to.equal("proved");
    }
  });

  describe("with an Idempotency-Key", () => {
    it("a repeated request is the same job and the same proof, in either form", async () => {
      const key = { "idempotency-key": "the-same" };
      const [first, second] = await Promise.all([prover.enqueue(5n, key), prover.enqueue(5n, key)]);
      expect(second.body.id).to.equal(first.body.id);
      const waited = await prover.prove(5n, key);
      expect(waited.status).to.equal(200);
      expect(waited.body).to.deep.equal(await prover.ended(first.body.id));
      const other = await prover.prove(5n, { "idempotency-key": "another" });
      expect(other.body.id).not.to.equal(first.body.id);
    });

    it("the order of a body's fields does not matter, its values do", async () => {
      const key = { "idempotency-key": "values" };
      const { circuitVersion, inputs } = requestOf(inputsOf({ context: 6n }));
      const first = await prover.send("POST", "/v1/jobs", { circuitVersion, inputs }, key);
      const reversed = Object.fromEntries(Object.entries(inputs).reverse());
      const again = await prover.send("POST", "/v1/jobs", { inputs: reversed, circuitVersion }, key);
      expect(again.body.id).to.equal(first.body.id);
      const conflict = await prover.enqueue(7n, key);
      expect([conflict.status, conflict.body.code]).to.deep.equal([422, "idempotency-conflict"]);
      await prover.ended(first.body.id);
    });

    it("what failed for good fails again, what was cancelled is done anew", async () => {
      const key = { "idempotency-key": "breach" };
      const first = await prover.send("POST", "/v1/jobs", requestOf(BREACH), key);
      await prover.ended(first.body.id);
      expect((await prover.send("POST", "/v1/jobs", requestOf(BREACH), key)).body.id).to.equal(first.body.id);
      const other = { "idempotency-key": "cancelled" };
      const busy = await prover.enqueue(8n);
      const dropped = await prover.enqueue(9n, other);
      await prover.send("DELETE", `/v1/jobs/${dropped.body.id}`);
      expect((await prover.prove(9n, other)).body.status).to.equal("proved");
      await prover.ended(busy.body.id);
    });
  });

  it("inputs that do not satisfy are refused by constraint, in either form, without a value", async () => {
    const direct = await prover.send("POST", "/v1/proofs", requestOf(BREACH));
    expect([direct.status, direct.body.code]).to.deep.equal([422, "inputs-do-not-satisfy"]);
    expect(direct.body.detail).to.match(/template/);
    const { body } = await prover.send("POST", "/v1/jobs", requestOf(BREACH));
    const job = await prover.ended(body.id);
    expect([job.status, job.problem?.code]).to.deep.equal(["failed", "inputs-do-not-satisfy"]);
    for (const secret of [...FACTS.amounts.slice(0, 2), FACTS.salt])
      expect(direct.text + JSON.stringify(job)).not.to.include(String(secret));
  });

  it("another circuit version is refused, and those that are there are named", async () => {
    const { status, body } = await prover.send("POST", "/v1/proofs", requestOf(inputsOf(), 2));
    expect([status, body.code, body.detail]).to.deep.equal([
      422,
      "unknown-circuit-version",
      "this prover has 1",
    ]);
  });

  it("a job that nobody knows is not found, whatever its id looks like", async () => {
    for (const id of ["3a0b3c7e-0000-4000-8000-000000000000", "__proto__", "..%2f..%2fetc", "x".repeat(64)]) {
      for (const method of ["GET", "DELETE"]) {
        const { status, body } = await prover.send(method, `/v1/jobs/${id}`);
        expect([status, body.code], id).to.deep.equal([404, "job-not-found"]);
      }
    }
  });

  describe("cancels", () => {
    it("a queued job without touching the one at work", async () => {
      const atWork = await prover.enqueue(10n);
      const queued = await prover.enqueue(11n);
      const { status, body } = await prover.send("DELETE", `/v1/jobs/${queued.body.id}`);
      expect([status, body.status]).to.deep.equal([200, "cancelled"]);
      expect((await prover.ended(atWork.body.id)).status).to.equal("proved");
      expect((await prover.ended(queued.body.id)).status).to.equal("cancelled");
    });

    it("the job at work: its worker is ended and replaced, its waiting client told", async () => {
      const key = { "idempotency-key": "at-work" };
      const atWork = await prover.enqueue(12n, key);
      await until(async () => (await prover.metric('proofx_prover_workers{state="busy"')) === 1);
      const waiting = prover.prove(12n, key);
      const { status, body } = await prover.send("DELETE", `/v1/jobs/${atWork.body.id}`);
      expect([status, body.status]).to.deep.equal([200, "cancelled"]);
      // It may have come after the cancelling, and so have started the job anew, which forgets the cancelled one.
      expect([200, 409]).to.include((await waiting).status);
      expect((await prover.prove(13n)).status).to.equal(200);
    });

    it("nothing that has ended", async () => {
      const { body } = await prover.prove(14n);
      expect((await prover.send("DELETE", `/v1/jobs/${body.id}`)).body).to.deep.equal(body);
    });

    it("what a client waits for when it hangs up and told nobody a key", async () => {
      const cancelled = 'proofx_prover_jobs_total{outcome="cancelled"';
      const before = await prover.metric(cancelled);
      const hangUp = new AbortController();
      const lost = fetch(`${prover.url}/v1/proofs`, {
        method: "POST",
        body: JSON.stringify(requestOf(inputsOf({ context: 15n }))),
        headers: { "content-type": "application/json" },
        signal: hangUp.signal,
      }).catch(() => "hung up");
      await until(async () => (await prover.metric('proofx_prover_workers{state="busy"')) === 1);
      hangUp.abort();
      expect(await lost).to.equal("hung up");
      await until(async () => (await prover.metric(cancelled)) === before + 1);
    });
  });

  it("describes itself: valid OpenAPI 3.1, every problem code with a remedy", async () => {
    const document = JSON.parse((await prover.send("GET", "/v1/openapi.json")).text);
    expect((await new Validator().validate(document)).valid).to.equal(true);
    expect(Object.keys(document.paths)).to.include.members(["/v1/proofs", "/v1/jobs", "/v1/jobs/{id}"]);
    const catalogue = JSON.parse((await prover.send("GET", "/v1/problems")).text);
    expect(catalogue).to.deep.include(PROVER_PROBLEMS);
  });

  it("is ready with a warm worker, and counts proofs, failures, refusals and its queue", async () => {
    await until(async () => (await prover.send("GET", "/ready")).status === 200);
    expect(await prover.metric('proofx_prover_jobs_total{outcome="proved"')).to.be.above(0);
    expect(await prover.metric('proofx_prover_jobs_total{outcome="inputs-do-not-satisfy"')).to.be.above(0);
    expect(await prover.metric('proofx_prover_rejected_total{cause="unknown-circuit-version"')).to.equal(1);
    expect(await prover.metric("proofx_prover_proof_seconds_count")).to.be.above(0);
    expect(await prover.metric('proofx_prover_queue_jobs{state="queued"')).to.equal(0);
    expect(await prover.metric("process_cpu_seconds_total")).to.be.above(0);
    expect(await prover.metric("proofx_prover_queue_limit")).to.equal(8);
  });

  it("never lets an input out: not into its log, its metrics or an answer", async () => {
    const inputs = requestOf(inputsOf({ context: 16n }));
    await prover.send("POST", "/v1/proofs", inputs);
    const malformed = {
      ...inputs,
      inputs: { ...inputs.inputs, context: `${FACTS.salt}x`, [`f${FACTS.salt}`]: 1 },
    };
    const answers = [
      await prover.send("POST", "/v1/proofs", malformed),
      await prover.send("POST", "/v1/proofs", `{"salt": ${FACTS.salt}`),
      await prover.send("POST", `/v1/jobs/${FACTS.salt}`, inputs),
    ];
    const metrics = await (await fetch(`${prover.url}/metrics`)).text();
    const said = [prover.log(), metrics, ...answers.map(({ text }) => text)].join("\n");
    for (const secret of [...FACTS.amounts.slice(0, 2), FACTS.salt])
      expect(said).not.to.include(String(secret));
  });
});
