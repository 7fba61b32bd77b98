import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parametersFor, proving } from "../../src/aleo/proving.ts";
import { InputError, UnavailableError } from "../../src/core/errors.ts";

const POWERS = "powers-of-beta-16.usrs.84631bc";
const CONTENT = Buffer.from(Array.from({ length: 4096 }, (_, index) => index % 256));
const NAME = `fee_public.prover.${createHash("sha256").update(CONTENT).digest("hex").slice(0, 7)}`;
/** A server in a process of its own, because a download waits for it in this thread. */
const SERVER = `
const http = require("node:http");
const content = Buffer.from(Array.from({ length: 4096 }, (_, index) => index % 256));
const server = http.createServer((request, answer) => {
  if (request.url !== "/testnet/" + process.argv[1]) { answer.statusCode = 404; return answer.end(); }
  answer.end(content);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

describe("Parameter files for proofs on Aleo", function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "proofx-parameters-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("the smallest powers come out of a package, the very ones that were published", () => {
    const powers = parametersFor({ folder }).read(POWERS);
    assert.equal(powers.length, 3_145_736);
    assert.equal(
      createHash("sha256").update(powers).digest("hex"),
      "84631bc11e1a6db99db085a8de586014e7dd10e97b42cbd766c105dea014bbd1",
    );
  });

  it("a file that is not there is named, with where to have it, and nothing is downloaded unasked", () => {
    assert.throws(
      () => parametersFor({ folder }).require([POWERS, "powers-of-beta-17.usrs.7c27308"]),
      (error: unknown) =>
        error instanceof UnavailableError &&
        /powers-of-beta-17\.usrs\.7c27308 is not on this machine/.test(error.message) &&
        error.next?.includes(folder) === true,
    );
  });

  it("a file whose content was changed is refused", () => {
    const changed = Buffer.from(CONTENT);
    changed[100] = (changed[100] ?? 0) ^ 1;
    writeFileSync(join(folder, NAME), changed);
    assert.throws(() => parametersFor({ folder }).read(NAME), /is not the parameter file fee_public/);
    writeFileSync(join(folder, NAME), CONTENT);
    assert.deepEqual(parametersFor({ folder }).read(NAME), CONTENT);
  });

  it("no name leads out of the folder", () => {
    for (const name of [
      "../fee_public.prover.f72b6ff",
      "/etc/passwd",
      "a/b.usrs.1234567",
      "fee_public.prover",
    ]) {
      assert.throws(() => parametersFor({ folder }).read(name), InputError, name);
    }
  });

  it("a download is checked by its hash and kept; another content is refused and not kept", async () => {
    const other = NAME.replace(/.......$/, "0000000");
    for (const [name, good] of [
      [NAME, true],
      [other, false],
    ] as const) {
      const server = await serving(name);
      try {
        const parameters = parametersFor({ folder, server: server.url });
        if (good) assert.deepEqual(parameters.read(name, "testnet"), CONTENT);
        else assert.throws(() => parameters.read(name, "testnet"), /its SHA-256 begins with/);
        assert.throws(
          () => parameters.read("inclusion.prover.9fe710f", "testnet"),
          /could not be downloaded/,
        );
      } finally {
        await server.close();
      }
    }
    assert.deepEqual(readFileSync(join(folder, NAME)), CONTENT);
    assert.equal(existsSync(join(folder, other)), false);
  });

  it("what the SDK asks for and cannot have comes out as that file's refusal, and leaves no trace behind", async () => {
    const before = Reflect.get(globalThis, "XMLHttpRequest");
    const asking = proving(parametersFor({ folder }), async () => {
      const request = new (Reflect.get(globalThis, "XMLHttpRequest"))();
      request.open("GET", "https://parameters.provable.com/mainnet/powers-of-beta-20.usrs.1234567", false);
      request.send();
      assert.equal(request.status, 404);
      throw new Error("Download failed");
    });
    await assert.rejects(asking, /parameter file powers-of-beta-20\.usrs\.1234567 is not on this machine/);
    assert.equal(Reflect.get(globalThis, "XMLHttpRequest"), before);
  });

  it("proofs are made one after the other, also after one has failed", async () => {
    const order: string[] = [];
    const parameters = parametersFor({ folder });
    const work = (name: string, fails: boolean) => async (): Promise<void> => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
      if (fails) throw new Error("no proof");
    };
    const first = proving(parameters, work("first", true));
    const second = proving(parameters, work("second", false));
    await assert.rejects(first, /no proof/);
    await second;
    assert.deepEqual(order, ["first begins", "first ends", "second begins", "second ends"]);
  });
});

async function serving(name: string): Promise<{ url: string; close(): Promise<void> }> {
  const child = spawn(process.execPath, ["-e", SERVER, name], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const port = await new Promise<string>((resolve) => {
    child.stdout.once("data", (text: Buffer) => resolve(text.toString().trim()));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      child.kill();
      await ended;
    },
  };
}
