import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createContext, Script } from "node:vm";
import { x25519 } from "@noble/curves/ed25519.js";
import { expect } from "chai";
import { build } from "esbuild";
import { ROOT } from "../../scripts/checks/support/process.ts";
import { toHex } from "../../src/core/bytes.ts";
import { createClient, secretSigner } from "../../src/sdk/index.ts";
import { STORE, TENANT, uuid } from "../core/log/support.ts";
import { startWorld } from "../services/sequencer/world.ts";
import { StandIn, TOKEN } from "./support/stand-in.ts";

const READER = new Uint8Array(32).fill(7);

/** What a page or a service does with the package; `url` is where the sequencer listens. */
const USE = `
import { createClient, fromHex, generateSecretKey, openPayload, secretSigner } from "proofx-sdk";

export async function use(url) {
  const client = createClient({
    url, credential: "${TOKEN}", tenant: "${TENANT}", store: "${STORE}",
    agent: { id: "${uuid(5)}", keyId: 1, signer: secretSigner(generateSecretKey()) },
  });
  await client.registerKey();
  const privateKey = fromHex("private key", "${toHex(READER)}", 32);
  const publicKey = fromHex("public key", "${toHex(x25519.getPublicKey(READER))}", 32);
  const draft = { entityType: "order", entityId: "17", eventType: "order.paid", payload: { amount: "12.50" } };
  const plain = await client.build(draft);
  const sealed = await client.build({ ...draft, readers: [{ kid: 1, publicKey }] });
  const sent = [];
  for await (const outcome of client.sendMany([plain, sealed])) sent.push(outcome.sent.sequence);
  const { duplicate } = await client.send(plain);
  const { payload } = await openPayload(sealed, 1, privateKey);
  const { checkpoint } = await client.inclusion({ sequence: 2n, event: sealed });
  const tailed = [];
  for await (const { sequence } of client.tail()) if (tailed.push(sequence) === 2) break;
  return JSON.stringify({ sent: sent.map(String), duplicate, payload, size: String(checkpoint.size), tailed: tailed.map(String) });
}
`;

const DONE = {
  sent: ["1", "2"],
  duplicate: true,
  payload: { amount: "12.50" },
  size: "2",
  tailed: ["1", "2"],
};

const TYPED = `
import { type Client, createClient, type Json, SequencerRefusal, secretSigner } from "proofx-sdk";

const client: Client = createClient({ url: "https://log.example", credential: async () => "x", tenant: "", store: "" });
export async function send(payload: Json): Promise<bigint | string> {
  try {
    const event = await client.build({ entityType: "a", entityId: "b", eventType: "c", payload });
    return (await client.send(event)).receipt.sequence;
  } catch (error) {
    return error instanceof SequencerRefusal ? error.code : "other";
  }
}
// @ts-expect-error A signer is no option of its own.
createClient({ url: "", credential: "", tenant: "", store: "", signer: secretSigner(new Uint8Array(32)) });
`;

/** What a browser's page has, and nothing of Node. */
const WEB_GLOBALS = {
  fetch,
  Headers,
  Request,
  Response,
  URL,
  URLSearchParams,
  TextEncoder,
  TextDecoder,
  ReadableStream,
  AbortController,
  AbortSignal,
  DOMException,
  crypto,
  setTimeout,
  clearTimeout,
  atob,
  btoa,
};

describe("the SDK's package", function () {
  this.timeout(120_000);
  let folder: string;
  let server: StandIn;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "proofx-sdk-"));
    const file = node(ROOT, "scripts/sdk/pack.ts").trim();
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
    // Whatever it would need besides would not be found.
    execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", join(ROOT, file)], {
      cwd: folder,
    });
    writeFileSync(join(folder, "use.js"), USE);
    writeFileSync(join(folder, "typed.ts"), TYPED);
  });
  after(() => rmSync(folder, { recursive: true }));
  beforeEach(async () => {
    server = new StandIn();
    await server.listen();
  });
  afterEach(() => server.close());

  it("depends on nothing, and brings the licence of everything that is in it", () => {
    const read = (name: string): string =>
      readFileSync(join(folder, "node_modules/proofx-sdk", name), "utf8");
    const { dependencies, license } = JSON.parse(read("package.json"));
    expect(dependencies).to.equal(undefined);
    expect(license).to.equal("GPL-3.0-only");
    for (const name of ["@noble/curves", "@noble/hashes", "@hpke/core", "canonicalize", "zod"]) {
      expect(read("NOTICES")).to.include(`\n${name} `.trimStart());
    }
    expect(read("README.md")).to.include("# The SDK");
  });

  it("works in Node, installed without a registry", async () => {
    const script = `const { use } = await import("./use.js"); console.log(await use(${JSON.stringify(server.url)}));`;
    writeFileSync(join(folder, "run.js"), script);
    expect(JSON.parse(await nodeAsync(folder, {}, "run.js"))).to.deep.equal(DONE);
  });

  it("does with a sequencer what docs/sdk.md begins with, as it is written there", async () => {
    const page = readFileSync(join(ROOT, "docs/sdk.md"), "utf8");
    const quickstart = /```js\n(.*?)```/s.exec(page)?.[1] ?? "";
    expect(quickstart.split("\n").filter((line) => line !== "").length).to.be.at.most(10);
    const world = await startWorld();
    try {
      const { tenant, storeId: store, credential } = await world.newTenant();
      const id = /agent: \{ id: "([^"]*)"/.exec(quickstart)?.[1] ?? "";
      const secretKey = new Uint8Array(32).fill(1);
      const agent = { id, keyId: 1, signer: secretSigner(secretKey) };
      const client = createClient({ url: world.url(), credential, tenant, store, agent });
      await client.registerKey();
      const { sequence } = await client.head();
      const lines = quickstart
        .replace("https://log.example", world.url())
        .replace(/tenant: "[^"]*"/, `tenant: "${tenant}"`)
        .replace(/store: "[^"]*"/, `store: "${store}"`);
      writeFileSync(join(folder, "start.js"), `const secretKey = new Uint8Array(32).fill(1);\n${lines}`);
      await nodeAsync(folder, { PROOFX_CREDENTIAL: credential }, "start.js");
      expect((await client.event(sequence + 1n)).event).to.include({ sourceAgentId: id, entityId: "17" });
    } finally {
      await world.close();
    }
  });

  it("works in a page, with nothing of Node", async () => {
    const { outputFiles } = await build({
      absWorkingDir: folder,
      entryPoints: ["use.js"],
      bundle: true,
      write: false,
      format: "iife",
      globalName: "page",
      platform: "browser",
      minify: true,
    });
    const page = createContext({ ...WEB_GLOBALS });
    new Script(outputFiles[0]?.text ?? "").runInContext(page);
    for (const name of ["process", "Buffer", "require", "global", "module"]) {
      expect(new Script(`typeof ${name}`).runInContext(page), name).to.equal("undefined");
    }
    const result = await new Script(`page.use(${JSON.stringify(server.url)})`).runInContext(page);
    expect(JSON.parse(result)).to.deep.equal(DONE);
  });

  it("has types that need no others", () => {
    const compilerOptions = {
      strict: true,
      noEmit: true,
      module: "nodenext",
      target: "es2023",
      lib: ["es2023", "dom"],
      types: [],
      skipLibCheck: false,
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["typed.ts"] }));
    node(folder, join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder);
  });
});

function node(cwd: string, ...args: readonly string[]): string {
  return execFileSync(process.execPath, args, { cwd, encoding: "utf8" });
}

/** As `node`, while this process goes on serving. */
async function nodeAsync(cwd: string, env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, args, { cwd, env: { ...process.env, ...env } })).stdout;
}
