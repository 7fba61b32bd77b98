import { readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect } from "chai";
import { CheckError, RefusedError } from "../../../src/core/errors.ts";
import {
  checkpointText,
  LogTree,
  noteText,
  parseNote,
  parseSignatureLine,
  signNote,
  verifyCosignature,
  witnessRequestText,
} from "../../../src/core/log/index.ts";
import { bytes32, signerOf } from "../../core/log/support.ts";
import {
  body,
  FORKED,
  HONEST,
  head,
  LOG_SIGNER,
  makeWitness,
  ORIGIN,
  type TestWitness,
} from "./log-under-test.ts";

describe("A witness", function () {
  this.timeout(30_000);
  let witness: TestWitness;
  beforeEach(async () => {
    witness = await makeWitness();
  });
  afterEach(() => witness.close());

  const status = async (text: string | Uint8Array) => (await witness.post(text)).status;

  /** The time of a cosignature that holds. */
  async function cosigned(answer: Response, size: number, tree = HONEST): Promise<bigint> {
    const text = await answer.text();
    expect([answer.status, text.endsWith("\n")], text).to.deep.equal([200, true]);
    const note = await head(tree, size);
    const signatures = [...note.signatures, parseSignatureLine(text.slice(0, -1))];
    return verifyCosignature({ ...note, signatures }, witness.vkey);
  }

  async function refused(text: string | Uint8Array, expected: number, code: string): Promise<void> {
    const answer = await witness.post(text);
    const problem = (await answer.json()) as { code: string; detail: string };
    expect([answer.status, problem.code], problem.detail).to.deep.equal([expected, code]);
  }

  async function stale(text: string, size: number): Promise<void> {
    const answer = await witness.post(text);
    expect([answer.status, await answer.text()]).to.deep.equal([409, `${size}\n`]);
    expect(answer.headers.get("content-type")).to.equal("text/x.tlog.size");
  }

  it("cosigns a log that only grows, and says when", async () => {
    expect(await cosigned(await witness.post(await body(HONEST, 0, 3)), 3)).to.equal(1_800_000_000n);
    witness.clock += 5_000;
    for (const [from, to] of [
      [3, 4],
      [4, 8],
      [8, 8],
      [8, 37],
    ] as const)
      expect(await cosigned(await witness.post(await body(HONEST, from, to)), to)).to.equal(1_800_000_005n);
  });

  it("takes the protocol's body under any content type, and without one", async () => {
    const text = await body(HONEST, 0, 3);
    await cosigned(await witness.post(text, { "content-type": "application/json" }), 3);
    await cosigned(
      await witness.post(await body(HONEST, 3, 3), { "content-type": "application/octet-stream" }),
      3,
    );
    await cosigned(await witness.post(new TextEncoder().encode(await body(HONEST, 3, 4))), 4);
  });

  it("cosigns the empty log, and no other root of size 0", async () => {
    const empty = new LogTree();
    await cosigned(await witness.post(await body(empty, 0, 0)), 0, empty);
    const text = checkpointText({ origin: ORIGIN, size: 0n, root: bytes32(1) });
    const other = await signNote(text, [LOG_SIGNER]);
    await refused(witnessRequestText({ oldSize: 0n, proof: [], note: other }), 409, "equivocation");
    await cosigned(await witness.post(await body(HONEST, 0, 3)), 3);
  });

  it("an equivocating log: another root of the size it cosigned is refused, and both heads are kept", async () => {
    await cosigned(await witness.post(await body(HONEST, 0, 8)), 8);
    await refused(await body(FORKED, 8, 8), 409, "equivocation");
    await stale(await body(FORKED, 7, 8), 8);
    const [file = ""] = readdirSync(join(witness.stateFolder, "evidence"));
    const kept = JSON.parse(readFileSync(join(witness.stateFolder, "evidence", file), "utf8"));
    expect(kept).to.deep.equal({
      origin: ORIGIN,
      cosigned: noteText(await head(HONEST, 8)),
      other: noteText(await head(FORKED, 8)),
    });
    const metrics = await (await fetch(`${witness.url}/metrics`)).text();
    expect(metrics).to.match(/proofx_witness_equivocations_total\{[^}]*\} 2\n/);
    expect(metrics).to.match(/proofx_witness_refused_total\{cause="equivocation"[^}]*\} 1\n/);
    expect(metrics).to.match(/proofx_witness_refused_total\{cause="stale"[^}]*\} 1\n/);
    expect(metrics).to.match(/proofx_witness_cosigned_total\{[^}]*\} 1\n/);
    expect(metrics).to.match(/proofx_witness_log_size\{[^}]*\} 8\n/);
  });

  it("a fork further on is refused, whatever proof comes with it", async () => {
    await cosigned(await witness.post(await body(HONEST, 0, 8)), 8);
    for (const size of [9, 16, 40]) {
      await refused(await body(FORKED, 8, size), 422, "inconsistent");
      const note = await head(FORKED, size);
      for (const proof of [
        [],
        HONEST.consistencyPath(8, size),
        [...FORKED.consistencyPath(8, size), bytes32(1)],
        FORKED.consistencyPath(8, size).slice(1),
      ])
        await refused(witnessRequestText({ oldSize: 8n, proof, note }), 422, "inconsistent");
    }
    // Before entry 5 both histories are one.
    await witness.stop();
    await witness.start();
    await refused(await body(FORKED, 8, 9), 422, "inconsistent");
    await cosigned(await witness.post(await body(HONEST, 8, 9)), 9);
  });

  it("a rollback is refused, named as such or not", async () => {
    await cosigned(await witness.post(await body(HONEST, 0, 8)), 8);
    const note = await head(HONEST, 7);
    await refused(witnessRequestText({ oldSize: 8n, proof: [], note }), 400, "old-size");
    await stale(await body(HONEST, 0, 7), 8);
    await stale(await body(HONEST, 7, 7), 8);
    await stale(await body(HONEST, 0, 8), 8);
    await stale(await body(HONEST, 9, 16), 8);
  });

  it("a proof where none belongs is refused", async () => {
    const note = await head(HONEST, 3);
    await refused(witnessRequestText({ oldSize: 0n, proof: [bytes32(1)], note }), 422, "inconsistent");
    await cosigned(await witness.post(await body(HONEST, 0, 3)), 3);
    await refused(witnessRequestText({ oldSize: 3n, proof: [bytes32(1)], note }), 422, "inconsistent");
  });

  it("two heads sent at once: one of two forks is cosigned, and nothing ever goes back", async () => {
    for (let round = 0; round < 10; round++) {
      const one = await makeWitness();
      try {
        const sent = [await body(HONEST, 0, 8), await body(FORKED, 0, 8), await body(FORKED, 0, 9)];
        const answers = await Promise.all(sent.map((text) => one.post(text)));
        const statuses = answers.map((answer) => answer.status);
        expect(statuses.filter((each) => each === 200)).to.have.length(1);
        expect(statuses.filter((each) => each === 409)).to.have.length(2);
      } finally {
        await one.close();
      }
    }
    await cosigned(await witness.post(await body(HONEST, 0, 1)), 1);
    const sizes = Array.from({ length: 30 }, (_, i) => i + 2);
    const bodies = await Promise.all(sizes.map((size) => body(HONEST, 1, size)));
    const answers = await Promise.all(bodies.map((text) => witness.post(text)));
    const won = sizes.filter((_, i) => answers[i]?.status === 200);
    expect(won).to.have.length(1);
    await stale(await body(HONEST, 0, 1), won[0] ?? 0);
  });

  it("an unknown log, an unknown key and a forged signature are told apart as the protocol has it", async () => {
    const request = (note: Awaited<ReturnType<typeof head>>) =>
      witnessRequestText({ oldSize: 0n, proof: [], note });
    const elsewhere = await head(HONEST, 3, LOG_SIGNER, "log.example/other");
    await refused(request(elsewhere), 404, "unknown-log");
    const stranger = await head(HONEST, 3, { name: ORIGIN, ...signerOf(bytes32(0xbad)) });
    await refused(request(stranger), 403, "not-signed");
    const renamed = await head(HONEST, 3, { ...LOG_SIGNER, name: "log.example/other" });
    await refused(request(renamed), 403, "not-signed");
    const [honest, larger] = [await head(HONEST, 3), await head(HONEST, 4)];
    await refused(request({ ...honest, signatures: larger.signatures }), 403, "not-signed");
    const twice = { ...honest, signatures: [...honest.signatures, ...honest.signatures] };
    await refused(request(twice), 403, "not-signed");
    // Beside the log's own, lines of strangers do not matter.
    const both = { ...honest, signatures: [...stranger.signatures, ...honest.signatures] };
    await cosigned(await witness.post(request(both)), 3);
  });

  it("every byte of a request flipped: none is cosigned as another head", async () => {
    const bytes = new TextEncoder().encode(await body(HONEST, 0, 3));
    const cosignedAs: number[] = [];
    for (let i = 0; i < bytes.length; i++) {
      const flipped = Uint8Array.from(bytes);
      flipped[i] = (flipped[i] ?? 0) ^ 1;
      if ((await status(flipped)) === 200) cosignedAs.push(i);
    }
    expect(cosignedAs).to.deep.equal([]);
    await cosigned(await witness.post(bytes), 3);
  });

  it("what is no request is refused as malformed", async () => {
    await refused("", 400, "malformed");
    await refused("old 0\n\nnothing signed\n", 400, "malformed");
    await refused(JSON.stringify({ old: 0 }), 400, "malformed");
    await refused(`old 0\n\n${noteText(await signNote("no checkpoint\n", [LOG_SIGNER]))}`, 400, "malformed");
    await refused("x".repeat(70_000), 413, "too-large");
    expect((await fetch(`${witness.url}/add-checkpoint`)).status).to.equal(404);
  });

  it("a clock that was set back does not make it contradict itself", async () => {
    expect(await cosigned(await witness.post(await body(HONEST, 0, 3)), 3)).to.equal(1_800_000_000n);
    witness.clock -= 3_600_000;
    expect(await cosigned(await witness.post(await body(HONEST, 3, 4)), 4)).to.equal(1_800_000_000n);
    await witness.stop();
    await witness.start();
    expect(await cosigned(await witness.post(await body(HONEST, 4, 5)), 5)).to.equal(1_800_000_000n);
  });

  it("tells its key and what it cosigned, and describes itself", async () => {
    await cosigned(await witness.post(await body(HONEST, 0, 3)), 3);
    const face = (await (await fetch(`${witness.url}/v1/witness`)).json()) as { vkey: string };
    expect(face).to.deep.include({ logs: [{ origin: ORIGIN, size: "3" }] });
    expect(face.vkey).to.match(/^witness\.example\/w1\+[0-9a-f]{8}\+B/);
    const document = (await (await fetch(`${witness.url}/v1/openapi.json`)).json()) as {
      paths: Record<string, unknown>;
    };
    expect(document.paths).to.have.property("/add-checkpoint");
    expect((await new Validator().validate(document)).valid).to.equal(true);
  });

  it("a second witness in the folder, and a head that was changed behind its back, are refused", async () => {
    await cosigned(await witness.post(await body(HONEST, 0, 3)), 3);
    const url = witness.url;
    const second = await witness.start().catch((error: unknown) => error);
    expect(second).to.be.instanceOf(RefusedError);
    expect(witness.url).to.equal(url);
    const path = headFile();
    const old = readFileSync(path, "utf8");
    await cosigned(await witness.post(await body(HONEST, 3, 8)), 8);
    writeFileSync(path, old);
    expect(await status(await body(FORKED, 3, 8))).to.equal(500);
    const ready = await fetch(`${witness.url}/ready`);
    expect([ready.status, await ready.text()].join(" ")).to.match(/^503 .*changed by another process/);
  });

  it("a head that cannot be kept is not cosigned", async () => {
    const heads = join(witness.stateFolder, "heads");
    renameSync(heads, `${heads}-away`);
    // Nothing can be read or written there, by root neither.
    symlinkSync(join(witness.folder, "nowhere", "at-all"), heads);
    await refused(await body(FORKED, 0, 8), 500, "internal");
    rmSync(heads);
    renameSync(`${heads}-away`, heads);
    await stale(await body(HONEST, 3, 8), 0);
    await cosigned(await witness.post(await body(HONEST, 0, 8)), 8);
  });

  it("a damaged head is refused at the start: a forgotten one could be forked", async () => {
    await cosigned(await witness.post(await body(HONEST, 0, 8)), 8);
    await witness.stop();
    const whole = readFileSync(headFile());
    for (const at of [0, whole.indexOf('"8"') + 1, whole.indexOf("root") + 12, whole.length - 5]) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      writeFileSync(headFile(), damaged);
      expect(await witness.start().catch((error: unknown) => error)).to.be.instanceOf(CheckError);
    }
    writeFileSync(headFile(), whole);
    await witness.start();
    await refused(await body(FORKED, 8, 9), 422, "inconsistent");
    expect(parseNote(noteText(await head(HONEST, 8))).text).to.contain("\n8\n");
  });

  function headFile(): string {
    const folder = join(witness.stateFolder, "heads");
    return join(folder, readdirSync(folder)[0] ?? "");
  }
});
