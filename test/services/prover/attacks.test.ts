import { connect } from "node:net";
import { expect } from "chai";
import { SCALAR_ORDER } from "../../../src/core/bn254.ts";
import { artifacts, FACTS, inputsOf } from "../../compliance/support/artifacts.ts";
import { type Answer, holds, requestOf, startTestProver, type TestProver, until } from "./support/prover.ts";

const WORKERS = 2;
const QUEUE = 3;
const MIB = 2 ** 20;
/** A connection that ends while a client still sends may take the answer with it. */
const CUT_OFF = 0;

describe("The prover service under attack", function () {
  this.timeout(300_000);
  let prover: TestProver;
  before(async () => {
    await artifacts();
    prover = await startTestProver({
      prover: [`workers = ${WORKERS}`, `queue_length = ${QUEUE}`],
      http: ["request_timeout = 1"],
    });
  });
  after(() => prover?.end("SIGKILL"));
  afterEach("it is ready", () => until(async () => (await prover.send("GET", "/ready")).status === 200));

  it("flooded, it proves what it took in and refuses the rest at once, saying when to come again", async () => {
    const { setup } = await artifacts();
    // Above what one of them may wait for its request to arrive: a connection that waits for its proof is not cut.
    const flood = Array.from({ length: 40 }, (_, i) => prover.prove(BigInt(100 + i)));
    const answers = await Promise.all(flood);
    const refused = answers.filter(({ status }) => status !== 200);
    const proved = answers.filter(({ status }) => status === 200);
    expect(proved.length).to.be.within(WORKERS + QUEUE, 39);
    for (const { body } of proved) expect(await holds(setup.verificationKeyFile, body)).to.equal(true);
    expect(new Set(proved.map(({ body }) => body.id)).size).to.equal(proved.length);
    for (const { status, headers, body } of refused) {
      expect([status, body.code]).to.deep.equal([429, "queue-full"]);
      expect(headers.get("retry-after")).to.match(/^[1-9]\d*$/);
    }
    expect(await prover.metric('proofx_prover_rejected_total{cause="queue-full"')).to.equal(refused.length);
  });

  describe("a body of 100 MB", () => {
    const memory = () => prover.metric("process_resident_memory_bytes");

    it("that says so is refused before it is read", async () => {
      const { status, sent } = await upload(`content-length: ${100 * MIB}`, (chunk) => chunk);
      expect(status).to.be.oneOf([413, CUT_OFF]);
      expect(sent).to.be.below(20 * MIB);
    });

    it("that comes in chunks without a length is refused at the limit, and never held", async () => {
      const before = await memory();
      const size = 65_536;
      const { status, sent } = await upload("transfer-encoding: chunked", (chunk) =>
        Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]),
      );
      expect(status).to.be.oneOf([413, CUT_OFF]);
      expect(sent).to.be.below(20 * MIB);
      expect((await memory()) - before).to.be.below(50 * MIB);
    });

    /** Sends until the service answers or hangs up. */
    async function upload(header: string, encode: (chunk: Buffer) => Buffer) {
      const { port } = new URL(prover.url);
      const socket = connect(Number(port), "127.0.0.1");
      const chunk = encode(Buffer.alloc(65_536, "["));
      let answer = "";
      let sent = 0;
      const ended = new Promise<void>((resolve) => {
        socket.on("data", (data) => (answer += data)).on("error", () => resolve());
        socket.on("close", () => resolve());
      });
      socket.write(
        `POST /v1/proofs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${header}\r\n\r\n`,
      );
      const send = (): void => {
        while (answer === "" && sent < 100 * MIB && !socket.destroyed) {
          sent += chunk.length;
          if (!socket.write(chunk)) return void socket.once("drain", () => setImmediate(send));
        }
        if (answer === "" && !socket.destroyed) setImmediate(send);
        else socket.destroy();
      };
      send();
      await ended;
      return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? CUT_OFF), sent };
    }
  });

  describe("a client that takes its time is cut off:", () => {
    for (const [what, first] of [
      ["within its headers", "POST /v1/proofs HTTP/1.1\r\nhost: x\r\n"],
      [
        "within its body",
        "POST /v1/proofs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9000\r\n\r\n{",
      ],
    ] as const) {
      it(what, async () => {
        const { port } = new URL(prover.url);
        const socket = connect(Number(port), "127.0.0.1");
        const ended = new Promise<void>((resolve) => {
          socket.on("error", () => resolve()).on("close", () => resolve());
        });
        socket.resume().write(first);
        const drip = setInterval(() => socket.write("x"), 100);
        await ended;
        clearInterval(drip);
      });
    }
  });

  describe("hostile JSON is refused without a word of it:", () => {
    const good = requestOf(inputsOf());
    const withInput = (name: string, value: unknown) => ({
      ...good,
      inputs: { ...good.inputs, [name]: value },
    });
    const text = JSON.stringify(good);
    const secret = String(FACTS.salt);
    const hostile: [what: string, body: unknown, code: string][] = [
      ["deep nesting", `${"[".repeat(30_000)}${"]".repeat(30_000)}`, "invalid-request"],
      ["deep nesting of objects", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`, "invalid-request"],
      [
        "deep nesting in an input",
        text.replace('"424242"', `${"[".repeat(9_000)}${"]".repeat(9_000)}`),
        "invalid-request",
      ],
      ["__proto__", text.replace("{", '{"__proto__":{"circuitVersion":1},'), "invalid-json"],
      ["constructor", text.replace("{", '{"constructor":{"prototype":{"x":1}},'), "invalid-json"],
      ["__proto__ within", text.replace('"inputs":{', '"inputs":{"__proto__":{},'), "invalid-json"],
      ["an unknown field", { ...good, [secret]: 1 }, "invalid-request"],
      ["an unknown input", withInput(secret, "1"), "invalid-request"],
      ["an input that is missing", withInput("salt", undefined), "invalid-request"],
      ["p", withInput("context", String(SCALAR_ORDER)), "invalid-request"],
      ["above p", withInput("context", String(SCALAR_ORDER + 1n)), "invalid-request"],
      ["a negative number", withInput("context", "-1"), "invalid-request"],
      ["a leading zero", withInput("context", "01"), "invalid-request"],
      ["hex", withInput("context", "0x1"), "invalid-request"],
      ["an exponent", withInput("context", "1e3"), "invalid-request"],
      ["white space", withInput("context", " 1"), "invalid-request"],
      ["an empty text", withInput("context", ""), "invalid-request"],
      ["60,000 digits", withInput("context", "9".repeat(60_000)), "invalid-request"],
      ["a JSON number", withInput("context", 1), "invalid-request"],
      ["1e400", text.replace('"context":"31337"', '"context":1e400'), "invalid-request"],
      ["null", withInput("context", null), "invalid-request"],
      ["too many amounts", withInput("amounts", Array(5).fill("1")), "invalid-request"],
      ["too short a path", withInput("children", good.inputs.children.slice(1)), "invalid-request"],
      ["a wide path", withInput("children", Array(6).fill(Array(9).fill("1"))), "invalid-request"],
      ["a version of 1e400", text.replace('"circuitVersion":1', '"circuitVersion":1e400'), "invalid-request"],
      ["a version of 1.5", { ...good, circuitVersion: 1.5 }, "invalid-request"],
      ["a list", [good], "invalid-request"],
      ["null alone", "null", "invalid-request"],
      ["a cut document", text.slice(0, -1), "invalid-json"],
      ["two documents", `${text}${text}`, "invalid-json"],
      ["a byte order mark and nothing", "\ufeff", "invalid-json"],
    ];
    for (const [what, body, code] of hostile) {
      it(what, async () => {
        const { status, body: problem, text: said } = await prover.send("POST", "/v1/jobs", body);
        expect([status, problem.code]).to.deep.equal([400, code]);
        expect(said.length).to.be.below(4_000);
        expect(said).not.to.include(secret);
      });
    }

    it("of a field given twice the last one counts, as everywhere in JavaScript", async () => {
      const twice = text.replace('"context":"31337"', '"context":"-1","context":"55"');
      expect((await prover.send("POST", "/v1/proofs", twice)).body.result?.signals[3]).to.equal("55");
    });

    it("hostile headers", async () => {
      const bad: [Record<string, string>, number][] = [
        [{ "idempotency-key": "" }, 400],
        [{ "idempotency-key": "x".repeat(129) }, 400],
        [{ "idempotency-key": "two words" }, 400],
        [{ "content-type": "text/xml" }, 415],
      ];
      for (const [headers, status] of bad)
        expect((await prover.enqueue(1n, headers)).status, JSON.stringify(headers)).to.equal(status);
      const odd = await prover.prove(2n, { prefer: "wait=-1, wait=99999999999, ;;;=" });
      expect(odd.status).to.equal(200);
    });
  });

  it("jobs that are cancelled as fast as they come leave no worker busy and nothing in the queue", async () => {
    const dropped = Array.from({ length: 12 }, async (_, i): Promise<Answer> => {
      const job = await prover.enqueue(BigInt(200 + i));
      if (job.status !== 202) return job;
      return await prover.send("DELETE", `/v1/jobs/${job.body.id}`);
    });
    for (const { status } of await Promise.all(dropped)) expect([200, 429]).to.include(status);
    await until(async () => (await prover.metric('proofx_prover_workers{state="busy"')) === 0);
    await until(async () => (await prover.metric('proofx_prover_workers{state="warm"')) === WORKERS);
    expect(await prover.metric('proofx_prover_queue_jobs{state="queued"')).to.equal(0);
  });

  it("after all of it, it proves", async () => {
    const { setup } = await artifacts();
    const { status, body } = await prover.prove(1n);
    expect(status).to.equal(200);
    expect(await holds(setup.verificationKeyFile, body)).to.equal(true);
  });
});
