import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { migrate, openPglite, type Store } from "../../src/sequencer/store/index.ts";
import { create as createApiKey } from "../../tasks/apikey/create.ts";
import { list as listApiKeys } from "../../tasks/apikey/list.ts";
import { revoke as revokeApiKey } from "../../tasks/apikey/revoke.ts";
import { add as addJwtKey } from "../../tasks/jwtkey/add.ts";
import { list as listJwtKeys } from "../../tasks/jwtkey/list.ts";
import { revoke as revokeJwtKey } from "../../tasks/jwtkey/revoke.ts";
import { create as createTenant } from "../../tasks/tenant/create.ts";
import { authenticatorOn, verdict } from "../sequencer/auth/support.ts";
import { type CommandResult, expectOk, expectRefused, openTypist, type Typist } from "../support/cli.ts";

const TENANT = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
const AGENT = "550e8400-e29b-41d4-a716-446655440000";
const KEY = { tenant: TENANT, role: "agent", agent: AGENT, name: undefined, environment: undefined };

const messageOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "",
    (error: Error) => error.message,
  );

describe("tenant, apikey and jwtkey, as an operator types them", function () {
  this.timeout(240_000);
  let folder: string;
  const saved = { config: process.env.PROOFX_CONFIG, database: process.env.DATABASE_URL };
  const path = (name: string) => join(folder, name);
  /** Through Hardhat, as it is typed; what needs no command line is asked of the task's own function. */
  let typist: Typist;
  const type = (line: string): Promise<CommandResult> => typist.type(line.split(" "));
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
    process.env.PROOFX_CONFIG = path("proofx.toml");
    delete process.env.DATABASE_URL;
    typist = openTypist({ ...process.env, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" });
    await onStore((store) => migrate(store, { backup: async () => {} }));
    expectOk(await type(`tenant create --name Bank --tenant ${TENANT}`));
  });
  after(async () => {
    await typist.close();
    rmSync(folder, { recursive: true, force: true });
    restore("PROOFX_CONFIG", saved.config);
    restore("DATABASE_URL", saved.database);
  });

  it("where no log was made there is none afterwards", async () => {
    const place = path("elsewhere");
    writeFileSync(path("elsewhere.toml"), `[store]\nfolder = "${place}"\n`);
    process.env.PROOFX_CONFIG = path("elsewhere.toml");
    const there = openTypist(process.env);
    try {
      for (const line of ["log verify --without-payloads", "log keys list", "tenant create --name Bank"])
        expectRefused(await there.type(line.split(" ")), 4, `no log at ${place}`);
      for (const asked of [listApiKeys, listJwtKeys])
        expect(await messageOf(asked({ tenant: undefined }))).to.equal(`no log at ${place}`);
      expect(existsSync(place)).to.equal(false);
    } finally {
      await there.close();
      process.env.PROOFX_CONFIG = path("proofx.toml");
    }
  });

  it("a tenant is made once", async () => {
    const again = await createTenant({ name: "Bank", tenant: TENANT });
    expect(again.data).to.deep.equal({ tenantId: TENANT, name: "Bank", created: false });
    expect(await messageOf(createTenant({ name: "Other", tenant: TENANT }))).to.contain("another name");
  });

  it("an API key is in a private file and nowhere else, and no file is overwritten", async () => {
    const line = `apikey create --tenant ${TENANT} --role agent --agent ${AGENT}`;
    expectRefused(await type(line), 3, "standard output is no terminal");
    const made = await type(`${line} --out ${path("key")}`);
    expectOk(made);
    const text = readFileSync(path("key"), "utf8").trim();
    expect(statSync(path("key")).mode & 0o777).to.equal(0o600);
    expect(made.stdout + made.stderr).not.to.contain(text.slice(-43));
    const over = createApiKey({ ...KEY, out: path("key"), stdout: false });
    expect(await messageOf(over)).to.contain("is there already");
    expect(readFileSync(path("key"), "utf8").trim()).to.equal(text);
    const nobody = createApiKey({ ...KEY, tenant: AGENT, out: path("none"), stdout: false });
    expect(await messageOf(nobody)).to.contain("a tenant that is there");
    expect(() => statSync(path("none"))).to.throw("ENOENT");
    const nowhere = createApiKey({ ...KEY, out: path("no/such/folder"), stdout: false });
    expect(await messageOf(nowhere)).to.contain("cannot be written (ENOENT)");

    const listed = await listApiKeys({ tenant: undefined });
    expect((listed.data as { keys: object[] }).keys.length).to.equal(1);
    expect(JSON.stringify(listed)).not.to.contain(text.slice(-43));
    const of = () => onStore((store) => verdict(authenticatorOn(store), text));
    expect(await of()).to.include({ tenant: TENANT, agentId: AGENT });
    expect(await messageOf(revokeApiKey({ prefix: text })))
      .to.contain("got the whole key")
      .and.not.contain(text);
    const prefix = text.slice(0, -44);
    expect((await revokeApiKey({ prefix })).data).to.deep.equal({ prefix, revoked: true });
    expect((await revokeApiKey({ prefix })).data).to.deep.equal({ prefix, revoked: false });
    expect(await of()).to.equal("api-key-revoked");
  });

  it("a key for tokens is registered by its public half, listed and revoked; a private one is refused", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    writeFileSync(path("public.pem"), publicKey.export({ format: "pem", type: "spki" }));
    writeFileSync(path("public.jwk"), JSON.stringify(publicKey.export({ format: "jwk" })));
    writeFileSync(path("private.pem"), privateKey.export({ format: "pem", type: "pkcs8" }), { mode: 0o600 });
    const add = (file: string) =>
      addJwtKey({ tenant: TENANT, role: "agent", in: path(file), kid: undefined });
    expect(await messageOf(add("private.pem"))).to.contain("got a private key");
    const added = await type(`jwtkey add --tenant ${TENANT} --role agent --in ${path("public.pem")} --json`);
    expectOk(added);
    const { kid } = added.json<{ kid: string }>();
    expect((await add("public.jwk")).data).to.include({ kid, created: false });
    await revokeJwtKey({ kid });
    expect(await messageOf(add("public.jwk"))).to.contain("is taken");
    const { keys } = (await listJwtKeys({ tenant: TENANT })).data as {
      keys: { kid: string; revokedAt?: number }[];
    };
    expect(keys[0]?.kid).to.equal(kid);
    expect(keys[0]?.revokedAt).to.be.a("number");
  });
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
