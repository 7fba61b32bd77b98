import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { openPglite } from "../../../src/sequencer/store/index.ts";
import { open, PASSPHRASE } from "../../keys/support.ts";
import { type ProofxService, proofx, startProofx } from "../../support/proofx.ts";
import { newCredential } from "./world.ts";

describe("proofx log init and proofx sequencer", function () {
  this.timeout(120_000);
  let folder: string;
  let env: NodeJS.ProcessEnv;

  const config = (more: readonly string[] = []): string => {
    const file = join(folder, `${randomUUID()}.toml`);
    const text = [
      "[log]",
      "[sequencer]",
      'log_name = "log.test"',
      "checkpoint_interval = 50",
      ...more,
      "[sequencer.http]",
      "port = 0",
      "[store]",
      `folder = "${join(folder, "log")}"`,
      "[keys]",
    ];
    writeFileSync(file, `${text.join("\n")}\n`);
    return file;
  };
  const start = (file: string): Promise<ProofxService> => startProofx(["sequencer", "--config", file], env);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "proofx-start-"));
    writeFileSync(join(folder, "passphrase"), PASSPHRASE, { mode: 0o600 });
    // Made here with as good as no scrypt, since every start opens them; log init finds them.
    const keys = open(join(folder, "keys"));
    for (const name of ["registrar", "receipt", "checkpoint"]) await keys.create(name, "ed25519");
    await keys.create("log-master", "aes-256");
    env = {
      PROOFX_KEYS: join(folder, "keys"),
      PROOFX_PASSPHRASE_FILE: join(folder, "passphrase"),
      DATABASE_URL: undefined,
    };
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("no sequencer starts where no log was made", async () => {
    const { code, stderr } = await proofx(["sequencer", "--config", config()], env);
    expect([code, stderr]).to.satisfy(
      ([exit, said]: [number, string]) => exit === 4 && /log init/.test(said),
      stderr,
    );
    expect(existsSync(join(folder, "log"))).to.equal(false);
    // A database with its tables and nothing in them is no log either.
    const file = config();
    expect((await proofx(["log", "migrate", "--config", file], env)).code).to.equal(0);
    const empty = await proofx(["sequencer", "--config", file], env);
    expect([empty.code, empty.stderr]).to.satisfy(
      ([exit, said]: [number, string]) => exit === 3 && /log init/.test(said),
      empty.stderr,
    );
  });

  it("a log is made once; a second time finds it, and another name is refused", async () => {
    const file = config();
    const first = await proofx(["log", "init", "--config", file, "--json"], env);
    expect(first.code, first.stderr).to.equal(0);
    const again = await proofx(["log", "init", "--config", file, "--json"], env);
    expect(JSON.parse(again.stdout)).to.deep.equal(JSON.parse(first.stdout));
    const other = join(folder, "other.toml");
    writeFileSync(
      other,
      `[log]\n[sequencer]\nlog_name = "other.test"\n[store]\nfolder = "${join(folder, "log")}"\n`,
    );
    expect((await proofx(["log", "init", "--config", other], env)).code).to.equal(3);
    const refused = await proofx(["sequencer", "--config", other], env);
    expect(refused.code, refused.stderr).to.equal(2);
    expect(refused.stderr).to.include('expected "log.test"');
    const migrated = await proofx(["log", "migrate", "--config", file], env);
    expect([migrated.code, migrated.stdout]).to.deep.equal([0, "the schema is the newest already\n"]);
  });

  it("a wrong passphrase is found at the start", async () => {
    writeFileSync(join(folder, "wrong"), "another\n", { mode: 0o600 });
    const wrong = { ...env, PROOFX_PASSPHRASE_FILE: join(folder, "wrong") };
    const { code, stderr } = await proofx(["sequencer", "--config", config()], wrong);
    expect(code, stderr).not.to.equal(0);
    expect(stderr).not.to.include("listening");
  });

  it("says what the database is worth, and closes batches itself when told to", async () => {
    const file = config(['batches = "close"', "batch_size = 1"]);
    const tenant = randomUUID();
    const store = await openPglite(join(folder, "log"));
    await store
      .as("keeper")
      .transaction(null, (sql) => sql.query("INSERT INTO proofx.tenants VALUES ($1, 'tenant', 1)", [tenant]));
    const credential = await newCredential(store, tenant, "admin");
    await store.close();
    const service = await start(file);
    try {
      expect(service.log()).to.match(/"database":"pglite".*survives a killed process, and not a power cut/);
      const headers = { authorization: `Bearer ${credential}`, "content-type": "application/json" };
      const path = `${service.url}/v1/stores/${randomUUID()}`;
      expect((await fetch(path, { method: "POST", body: "{}", headers })).status).to.equal(201);
      const batches = async () =>
        ((await (await fetch(`${path}/batches`, { headers })).json()) as { batches: unknown[] }).batches;
      while ((await batches()).length === 0) await new Promise((resolve) => setTimeout(resolve, 100));
      const proof = await fetch(`${path}/batches/1/proofs/1`, { headers });
      expect(await proof.json()).to.include({ batch_index: "1", sequence_number: "1", index: 0, count: 1 });
      const second = await proofx(["sequencer", "--config", file], env);
      expect(second.code, second.stderr).to.equal(3);
      expect(second.stderr).to.include("open in another process");
      expect(await service.end("SIGTERM")).to.equal(0);
    } finally {
      await service.end("SIGKILL");
    }
  });

  it("what was answered is there after kill -9, and the checkpoints go on from those that were published", async () => {
    const tenant = randomUUID();
    const store = await openPglite(join(folder, "log"));
    await store
      .as("keeper")
      .transaction(null, (sql) => sql.query("INSERT INTO proofx.tenants VALUES ($1, 'tenant', 1)", [tenant]));
    const credential = await newCredential(store, tenant, "admin");
    await store.close();
    const headers = { authorization: `Bearer ${credential}`, "content-type": "application/json" };
    const stream = randomUUID();
    let service = await start(config());
    const get = async (rest: string) =>
      await (await fetch(`${service.url}/v1/stores/${stream}${rest}`, { headers })).text();
    try {
      await fetch(`${service.url}/v1/stores/${stream}`, { method: "POST", body: "{}", headers });
      const event = await get("/events/1");
      const note = await get("/checkpoint");
      expect(await service.end("SIGKILL")).to.equal("SIGKILL");
      service = await start(config());
      expect(await get("/events/1")).to.equal(event);
      expect(await get("/checkpoint?size=1")).to.equal(note);
    } finally {
      await service.end("SIGKILL");
    }
  });
});
