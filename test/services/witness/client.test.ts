import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import {
  cosign,
  noteText,
  openCheckpoint,
  parseVerifierKey,
  parseWitnessRequest,
  SIGNATURE_TYPE,
  signatureLine,
  verifyCosignature,
} from "../../../src/core/log/index.ts";
import {
  type CosignatureRequest,
  cosignaturesOf,
  requestCosignatures,
} from "../../../src/sequencer/tree/witnesses.ts";
import { bytes32, signerOf } from "../../core/log/support.ts";
import {
  body,
  FORKED,
  HONEST,
  head,
  LOG_VKEY,
  makeWitness,
  ORIGIN,
  type TestWitness,
} from "./log-under-test.ts";

const LIAR = { name: "liar.example", ...signerOf(bytes32(0x11a2)) };
const LIAR_KEY = { name: LIAR.name, publicKey: LIAR.publicKey, type: SIGNATURE_TYPE.cosignature };

describe("Asking witnesses for cosignatures", function () {
  this.timeout(30_000);
  let one: TestWitness;
  let two: TestWitness;
  const servers: Server[] = [];
  beforeEach(async () => {
    [one, two] = await Promise.all([makeWitness(), makeWitness()]);
    one.clock = two.clock = Date.now();
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
    await Promise.all([one.close(), two.close()]);
  });

  /** Proofs that were asked for. */
  let asked: [from: bigint, to: bigint][] = [];
  async function ask(tree: typeof HONEST, size: number, more: Partial<CosignatureRequest> = {}) {
    asked = [];
    return requestCosignatures({
      note: await head(tree, size),
      witnesses: [one, two].map(({ url, vkey }) => ({ url, key: vkey })),
      consistency: async (from, to) => {
        asked.push([from, to]);
        return tree.consistencyPath(Number(from), Number(to));
      },
      ...more,
    });
  }

  /** A server that answers a witness's requests in its own way. */
  async function liar(answer: RequestListener): Promise<CosignatureRequest["witnesses"]> {
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return [{ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, key: LIAR_KEY }];
  }

  it("gives lines that make a cosigned checkpoint, of every witness that agreed", async () => {
    const outcomes = await ask(HONEST, 8);
    expect(outcomes.map(({ kind }) => kind)).to.deep.equal(["cosigned", "cosigned"]);
    const note = await head(HONEST, 8);
    const whole = noteText({ ...note, signatures: [...note.signatures, ...cosignaturesOf(outcomes)] });
    const opened = openCheckpoint(whole, [parseVerifierKey(LOG_VKEY)], ORIGIN);
    for (const { vkey } of [one, two]) verifyCosignature(opened.note, vkey);
    expect(asked).to.deep.equal([]);
  });

  it("goes on from the size that each witness names, and asks once where that is known", async () => {
    await one.post(await body(HONEST, 0, 3));
    await two.post(await body(HONEST, 0, 5));
    const outcomes = await ask(HONEST, 8);
    expect(outcomes.map(({ kind }) => kind)).to.deep.equal(["cosigned", "cosigned"]);
    expect(asked.sort()).to.deep.equal([
      [3n, 8n],
      [5n, 8n],
    ]);
    const again = await ask(HONEST, 13, { knownSizes: new Map([[one.vkey.name, 8n]]) });
    expect(again.map(({ kind }) => kind)).to.deep.equal(["cosigned", "cosigned"]);
    expect((await ask(HONEST, 13)).map(({ kind }) => kind)).to.deep.equal(["cosigned", "cosigned"]);
  });

  it("an equivocating log gets no line, and the honest one's are not touched", async () => {
    await ask(HONEST, 8);
    const same = await ask(FORKED, 8);
    expect(same.map(({ kind }) => kind)).to.deep.equal(["refused", "refused"]);
    expect(same[0]).to.include({ detail: "status 409 (equivocation)" });
    const larger = await ask(FORKED, 9);
    expect(larger[0]).to.include({ kind: "refused", detail: "status 422 (inconsistent)" });
    expect(cosignaturesOf(larger)).to.deep.equal([]);
  });

  it("a rolled-back log is told that the witness is ahead", async () => {
    await ask(HONEST, 8);
    const outcomes = await ask(HONEST, 7);
    expect(outcomes[0]).to.deep.include({ kind: "ahead", detail: "it has cosigned size 8, this is 7" });
  });

  it("a witness that is down does not keep the others from answering", async () => {
    await one.stop();
    const outcomes = await ask(HONEST, 8);
    expect(outcomes.map(({ kind }) => kind)).to.deep.equal(["unreachable", "cosigned"]);
    expect(outcomes[0]).to.deep.include({ detail: "no answer (ECONNREFUSED)" });
  });

  it("a witness that does not answer is given up", async () => {
    const witnesses = await liar(() => undefined);
    const [outcome] = await ask(HONEST, 8, { witnesses, timeout: 200 });
    expect(outcome).to.deep.include({ kind: "unreachable", witness: LIAR.name });
  });

  it("whatever a lying witness answers, no line of it is taken", async () => {
    const text = (await head(HONEST, 8)).text;
    const other = (await head(FORKED, 8)).text;
    const now = BigInt(Math.floor(Date.now() / 1000));
    const good = signatureLine(await cosign(text, LIAR, now));
    const stranger = { name: "stranger.example", ...signerOf(bytes32(0x57)) };
    const lies: [what: string, body: string][] = [
      ["nothing", ""],
      ["no newline", good.slice(0, -1)],
      ["another checkpoint's", signatureLine(await cosign(other, LIAR, now))],
      ["a stranger's alone", signatureLine(await cosign(text, stranger, now))],
      ["two of its own", good + signatureLine(await cosign(text, LIAR, now + 1n))],
      ["one from the future", signatureLine(await cosign(text, LIAR, now + 3_600n))],
      ["a page", "<html>\n"],
      ["too much", good.repeat(1_000)],
    ];
    for (const [what, lie] of lies) {
      const witnesses = await liar((_request, response) => response.end(lie));
      const [outcome] = await ask(HONEST, 8, { witnesses });
      expect(outcome?.kind, what).to.equal("unreachable");
    }
    const witnesses = await liar((_request, response) => {
      void cosign(text, stranger, now).then((line) => response.end(signatureLine(line) + good));
    });
    const [outcome] = await ask(HONEST, 8, { witnesses });
    expect(outcome?.kind, "its own beside a stranger's").to.equal("cosigned");
  });

  it("a witness that names another size for ever is given up, and one that redirects is not followed", async () => {
    const chunks: Promise<bigint>[] = [];
    let size = 0;
    const sizes = await liar((request, response) => {
      chunks.push(bytesOf(request).then((bytes) => parseWitnessRequest(bytes).oldSize));
      response.writeHead(409, { "content-type": "text/x.tlog.size" }).end(`${++size}\n`);
    });
    const [outcome] = await ask(HONEST, 8, { witnesses: sizes });
    expect(outcome).to.deep.include({ kind: "refused", detail: "it named another size 3 times" });
    expect(await Promise.all(chunks)).to.deep.equal([0n, 1n, 2n]);

    const redirecting = await liar((_request, response) =>
      response.writeHead(307, { location: `${one.url}/add-checkpoint` }).end(),
    );
    const [redirected] = await ask(HONEST, 8, { witnesses: redirecting });
    expect(redirected?.kind).to.equal("unreachable");
  });

  it("a size in a 409 that is no size of the protocol is a refusal", async () => {
    for (const [type, text] of [
      ["text/plain", "3\n"],
      ["text/x.tlog.size", "3"],
      ["text/x.tlog.size", "03\n"],
      ["text/x.tlog.size", "-1\n"],
    ] as const) {
      const witnesses = await liar((_request, response) =>
        response.writeHead(409, { "content-type": type }).end(text),
      );
      const [outcome] = await ask(HONEST, 8, { witnesses });
      expect(outcome, `${type} ${text}`).to.deep.include({ kind: "refused", detail: "status 409" });
    }
  });
});

async function bytesOf(request: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
