import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { ed25519 } from "@noble/curves/ed25519.js";
import { expect } from "chai";
import { CheckError, InputError, RefusedError, UnavailableError } from "../../src/core/errors.ts";
import { publicKeyOf } from "../../src/keys/secret-key.ts";
import { VaultKeys } from "../../src/keys/vault.ts";
import { wrapContext } from "../../src/keys/wrapping.ts";
import { DIGEST } from "./contract.ts";
import { rejection, temporaryFolder } from "./support.ts";

const TOKEN = "hvs.the-token-of-a-test";
const SECRET = new Uint8Array(32).fill(9);
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const version = (secret: Uint8Array) => ({
  name: "ed25519",
  public_key: base64(ed25519.getPublicKey(secret)),
  creation_time: "2026-05-01T10:00:00.123456789Z",
});
const KEY = {
  data: {
    type: "ed25519",
    latest_version: 2,
    keys: { "1": version(new Uint8Array(32).fill(1)), "2": version(SECRET) },
  },
};

/** Writes down the requests and plays answers in the form of the service's documentation. It is no Vault. */
function recorder(answers: Record<string, { status?: number; body?: object }>) {
  const requests: { line: string; init: RequestInit }[] = [];
  const request = (async (url: URL, init: RequestInit) => {
    const line = `${init.method} ${url}`;
    requests.push({ line, init });
    const { status = 200, body } = answers[`${init.method} ${url.pathname}${url.search}`] ?? { status: 404 };
    return new Response(body === undefined ? null : JSON.stringify(body), { status });
  }) as typeof fetch;
  return { requests, request };
}

describe("Vault Transit adapter: the requests it builds (the service itself is untested)", () => {
  let temporary: ReturnType<typeof temporaryFolder>;
  let tokenFile: string;
  before(() => {
    temporary = temporaryFolder();
    tokenFile = join(temporary.path, "token");
    writeFileSync(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
  });
  after(() => temporary[Symbol.dispose]());

  const address = "https://vault.example:8200";
  const open = (answers: Parameters<typeof recorder>[0]) => {
    const { requests, request } = recorder(answers);
    return { keys: new VaultKeys({ address, mount: "transit", tokenFile }, request), requests };
  };
  const signed = (signature: Uint8Array) => ({
    "GET /v1/transit/keys/agent": { body: KEY },
    "POST /v1/transit/sign/agent": { body: { data: { signature: `vault:v2:${base64(signature)}` } } },
  });

  it("reads the latest version of a key, with the token in a header and no redirect", async () => {
    const { keys, requests } = open({ "GET /v1/transit/keys/agent": { body: KEY } });
    expect(await keys.info("agent")).to.deep.equal({
      name: "agent",
      algorithm: "ed25519",
      publicKey: publicKeyOf("ed25519", SECRET),
      createdAt: "2026-05-01T10:00:00.123Z",
    });
    expect(requests[0]?.line).to.equal(`GET ${address}/v1/transit/keys/agent`);
    expect(requests[0]?.init.redirect).to.equal("error");
    expect(new Headers(requests[0]?.init.headers).get("x-vault-token")).to.equal(TOKEN);
  });

  it("has a message signed by the version whose public key it read", async () => {
    const { keys, requests } = open(signed(ed25519.sign(DIGEST, SECRET)));
    expect(await keys.signMessage("agent", DIGEST)).to.deep.equal(ed25519.sign(DIGEST, SECRET));
    expect(JSON.parse(String(requests[1]?.init.body))).to.deep.equal({
      input: base64(DIGEST),
      key_version: 2,
    });
  });

  it("refuses a signature that does not verify, and answers in another form", async () => {
    const wrong = [new Uint8Array(64), ed25519.sign(DIGEST, new Uint8Array(32).fill(1)), new Uint8Array()];
    for (const signature of wrong)
      expect(await rejection(open(signed(signature)).keys.signMessage("agent", DIGEST))).to.be.instanceOf(
        CheckError,
      );
    const { keys } = open({ "GET /v1/transit/keys/agent": { body: { data: { type: "ed25519" } } } });
    expect(await rejection(keys.info("agent"))).to.be.instanceOf(CheckError);
  });

  it("has a key wrapped for a name and a purpose, and opens the answer", async () => {
    const aes = { data: { type: "aes256-gcm96", latest_version: 1, keys: { "1": 1_777_000_000 } } };
    const plaintext = base64(Buffer.concat([new Uint8Array(32), DIGEST]));
    const ciphertext = "vault:v1:AAAA";
    const answers = (opened: { status?: number; body?: object }) => ({
      "GET /v1/transit/keys/master": { body: aes },
      "POST /v1/transit/encrypt/master": { body: { data: { ciphertext } } },
      "POST /v1/transit/decrypt/master": opened,
    });
    const { keys, requests } = open(answers({ body: { data: { plaintext } } }));
    const aad = new Uint8Array(3);
    const wrapped = await keys.wrapKey("master", DIGEST, aad);
    expect(await keys.unwrapKey("master", wrapped, aad)).to.deep.equal(DIGEST);
    const bodies = requests.flatMap(({ init }) =>
      init.body === undefined ? [] : [JSON.parse(String(init.body))],
    );
    const associated_data = base64(wrapContext("master", aad));
    expect(bodies).to.deep.equal([
      { plaintext, associated_data },
      { ciphertext, associated_data },
    ]);
    for (const opened of [{ status: 400 }, { body: { data: { plaintext: base64(DIGEST) } } }])
      expect(await rejection(open(answers(opened)).keys.unwrapKey("master", wrapped, aad))).to.be.instanceOf(
        CheckError,
      );
  });

  it("makes a key that cannot be exported or backed up, and never one that is there", async () => {
    const answers: Parameters<typeof recorder>[0] = { "POST /v1/transit/keys/agent": { status: 204 } };
    const { keys, requests } = open(answers);
    // The key is read again once it is made; this recorder has no memory, so that read finds nothing.
    await rejection(keys.create("agent", "ed25519"));
    expect(requests[1]?.line).to.equal(`POST ${address}/v1/transit/keys/agent`);
    expect(JSON.parse(String(requests[1]?.init.body))).to.deep.equal({
      type: "ed25519",
      exportable: false,
      allow_plaintext_backup: false,
    });
    const there = open({ "GET /v1/transit/keys/agent": { body: KEY } });
    expect(await rejection(there.keys.create("agent", "ed25519"))).to.be.instanceOf(RefusedError);
    expect(there.requests).to.have.length(1);
  });

  it("lists keys that it can use", async () => {
    const aes = { data: { type: "aes128-gcm96", latest_version: 1, keys: { "1": 1700000000 } } };
    const { keys } = open({
      "GET /v1/transit/keys?list=true": { body: { data: { keys: ["agent", "other", "Not-A-Name"] } } },
      "GET /v1/transit/keys/agent": { body: KEY },
      "GET /v1/transit/keys/other": { body: aes },
    });
    expect((await keys.list()).map(({ name }) => name)).to.deep.equal(["agent"]);
    expect(await open({}).keys.list()).to.deep.equal([]);
  });

  it("says that Transit has no secp256k1, and asks nobody", async () => {
    const { keys, requests } = open({});
    for (const attempt of [keys.create("signer", "secp256k1"), keys.signDigest("signer")]) {
      const error = await rejection(attempt);
      expect(error).to.be.instanceOf(InputError);
      expect(error.message).to.contain("Vault's Transit engine has no secp256k1");
    }
    expect(requests).to.deep.equal([]);
  });

  it("sends its token over TLS only, but to this machine", () => {
    const at = (address: string) => new VaultKeys({ address, mount: "transit", tokenFile });
    expect(() => at("http://vault.example:8200")).to.throw(InputError, "https");
    expect(() => at("http://127.0.0.1:8200")).to.not.throw();
  });

  it("tells a refused token from a server that is away, and shows no token and nothing of an answer", async () => {
    const errors = [
      await rejection(
        open({ "GET /v1/transit/keys/agent": { status: 403, body: { errors: ["x"] } } }).keys.info("agent"),
      ),
      await rejection(
        open({ "GET /v1/transit/keys/agent": { status: 503, body: { errors: ["x"] } } }).keys.info("agent"),
      ),
      await rejection(
        new VaultKeys({ address: "https://127.0.0.1:1", mount: "transit", tokenFile }).info("agent"),
      ),
    ];
    expect(errors[0]).to.be.instanceOf(RefusedError);
    expect(errors[1]).to.be.instanceOf(UnavailableError).with.property("message", "Vault answered 503");
    expect(errors[2]).to.be.instanceOf(UnavailableError);
    expect(errors[2]?.message).to.contain("does not answer");
    expect(inspect(errors, { depth: 20, showHidden: true })).to.not.contain(TOKEN);
  });
});
