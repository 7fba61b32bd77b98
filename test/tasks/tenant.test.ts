import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { migrate, openPglite, type Store } from "../../src/sequencer/store/index.ts";
import { authenticatorOn, verdict } from "../sequencer/auth/support.ts";
import { type CommandResult, expectOk, expectRefused, runCommand } from "../support/cli.ts";

const TENANT = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
const AGENT = "550e8400-e29b-41d4-a716-446655440000";

describe("tenant, apikey and jwtkey, as an operator types them", function () {
  this.timeout(240_000);
  let folder: string;
  let environment: NodeJS.ProcessEnv;
  const path = (name: string) => join(folder, name);
  const type = (line: string): Promise<CommandResult> => runCommand(line.split(" "), environment);
  const onStore = async <T>(work: (store: Store) => Promise<T>): Promise<T> => {
    const store = await openPglite(path("log"));
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "proofx-tenant-"));
    writeFileSync(path("proofx.toml"), `[store]\nfolder = "${path("log")}"\n`);
    const { DATABASE_URL: _, ...rest } = process.env;
    environment = {
      ...rest,
      PROOFX_CONFIG: path("proofx.toml"),
      HARDHAT_DISABLE_TELEMETRY_PROMPT: "true",
    };
    await onStore((store) => migrate(store, { backup: async () => {} }));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("a tenant is made once, and its API key is in a private file and nowhere else", async () => {
    const make = `tenant create --name Bank --tenant ${TENANT} --json`;
    for (const created of [true, false]) {
      const made = await type(make);
      expectOk(made);
      expect(made.json()).to.deep.equal({ tenantId: TENANT, name: "Bank", created });
    }
    const create = `apikey create --tenant ${TENANT} --role agent --agent ${AGENT}`;
    expectRefused(await type(create), 3, "standard output is no terminal");
    const key = await type(`${create} --out ${path("key")}`);
    expectOk(key);
    const text = readFileSync(path("key"), "utf8").trim();
    expect(statSync(path("key")).mode & 0o777).to.equal(0o600);
    expect(key.stdout + key.stderr).not.to.contain(text.slice(-43));
    expectRefused(await type(`${create} --out ${path("key")}`), 3, "is there already");
    expect(readFileSync(path("key"), "utf8").trim()).to.equal(text);
    const listed = await type("apikey list --json");
    expect(listed.json<{ keys: object[] }>().keys.length).to.equal(1);
    expect(listed.stdout).not.to.contain(text.slice(-43));
    await onStore(async (store) => {
      expect(await verdict(authenticatorOn(store), text)).to.include({ tenant: TENANT, agentId: AGENT });
    });
    expectOk(await type(`apikey revoke --prefix ${text.slice(0, -44)}`));
    await onStore(async (store) => {
      expect(await verdict(authenticatorOn(store), text)).to.equal("api-key-revoked");
    });
  });

  it("a key for tokens is registered by its public half, listed and revoked; a private one is refused", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    writeFileSync(path("public.pem"), publicKey.export({ format: "pem", type: "spki" }));
    writeFileSync(path("private.pem"), privateKey.export({ format: "pem", type: "pkcs8" }), { mode: 0o600 });
    expectOk(await type(`tenant create --name Bank --tenant ${TENANT}`));
    const add = `jwtkey add --tenant ${TENANT} --role agent --in`;
    expectRefused(await type(`${add} ${path("private.pem")}`), 2, "got a private key");
    const added = await type(`${add} ${path("public.pem")} --json`);
    expectOk(added);
    const { kid } = added.json<{ kid: string }>();
    expectOk(await type(`jwtkey revoke --kid ${kid}`));
    const listed = (await type("jwtkey list --json")).json<{ keys: { kid: string; revokedAt: number }[] }>();
    expect(listed.keys[0]).to.include({ kid }).and.to.have.property("revokedAt");
  });
});
