import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { openPglite } from "../../src/sequencer/store/index.ts";
import { open, PASSPHRASE } from "../keys/support.ts";
import { proofx } from "../support/proofx.ts";

const DAY = 86_400_000;

interface Published {
  readonly purpose: string;
  readonly key_id: number;
  readonly public_key: string;
  readonly retired_at: string | null;
}

describe("proofx log service-keys", function () {
  this.timeout(60_000);
  let folder: string;
  let config: string;
  let env: NodeJS.ProcessEnv;

  const run = (...args: string[]) => proofx(["log", "service-keys", ...args, "--config", config], env);
  const list = async (...args: string[]): Promise<Published[]> => {
    const { code, stdout, stderr } = await run(...args, "--json");
    expect(code, stderr).to.equal(0);
    return JSON.parse(stdout).keys;
  };
  const names = (keys: readonly Published[]) => keys.map(({ purpose, key_id }) => `${purpose}/${key_id}`);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "proofx-service-keys-"));
    writeFileSync(join(folder, "passphrase"), PASSPHRASE, { mode: 0o600 });
    // Made here with as good as no scrypt, those that a rotation looks for too.
    const keys = open(join(folder, "keys"));
    for (const name of ["registrar", "receipt", "checkpoint", "receipt-2"])
      await keys.create(name, "ed25519");
    await keys.create("log-master", "aes-256");
    config = join(folder, "proofx.toml");
    const store = `[store]\nfolder = "${join(folder, "log")}"\n`;
    writeFileSync(config, `[log]\n[sequencer]\nlog_name = "log.test"\n${store}[keys]\nwork_factor = 10\n`);
    env = {
      PROOFX_KEYS: join(folder, "keys"),
      PROOFX_PASSPHRASE_FILE: join(folder, "passphrase"),
      DATABASE_URL: undefined,
    };
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("a database without a log is refused, and does not pass for one whose keys are in order", async () => {
    expect((await run("due")).code).to.equal(4);
    await (await openPglite(join(folder, "log"))).close();
    const { code, stderr } = await run("due");
    expect(code, stderr).to.equal(3);
    const made = await proofx(["log", "init", "--config", config], env);
    expect(made.code, made.stderr).to.equal(0);
  });

  it("a new log has three keys, and none is due", async () => {
    const keys = await list("list");
    expect(names(keys)).to.have.members(["registrar/1", "receipt/1", "checkpoint/1"]);
    expect(await list()).to.deep.equal(keys);
    const { code, stdout } = await run("due");
    expect([code, stdout.match(/due \d{4}-/g)?.length]).to.deep.equal([0, 3]);
  });

  it("a rotated key is the second, the old one stays published, and a repeat does not rotate again", async () => {
    const before = await list("list");
    const rotated = await run("rotate", "--purpose", "receipt", "--expected", "1", "--json");
    expect(rotated.code, rotated.stderr).to.equal(0);
    expect(JSON.parse(rotated.stdout)).to.deep.equal({
      purpose: "receipt",
      key_id: 2,
      key_name: "receipt-2",
      events: 1,
    });
    expect((await run("rotate", "--purpose", "receipt", "--expected", "1")).code).to.equal(3);
    const after = await list("list");
    expect(names(after)).to.have.members([...names(before), "receipt/2"]);
    const old = after.find(({ purpose, key_id }) => purpose === "receipt" && key_id === 1);
    expect(old?.retired_at).to.be.a("string");
    expect(old?.public_key).to.equal(before.find(({ purpose }) => purpose === "receipt")?.public_key);
  });

  it("a purpose that there is not, and an id that is none, are bad input", async () => {
    expect((await run("rotate", "--purpose", "anchor")).code).to.equal(2);
    expect((await run("rotate", "--purpose", "receipt", "--expected", "0")).code).to.equal(2);
    expect((await run("rotate")).code).to.equal(2);
  });

  it("an overdue key ends with 1 and the command that rotates it; a retired one is not asked about", async () => {
    const store = await openPglite(join(folder, "log"));
    try {
      await store
        .as("owner")
        .transaction(null, (sql) =>
          sql.query(
            "UPDATE proofx.service_keys SET active_from = $1 WHERE purpose <> 'registrar' AND key_id = 1",
            [BigInt(Date.now() - 181 * DAY)],
          ),
        );
    } finally {
      await store.close();
    }
    const { code, stdout } = await run("due");
    expect(code, stdout).to.equal(1);
    expect(stdout.match(/OVERDUE/g)).to.have.length(1);
    expect(stdout).to.include("Next: npx proofx log service-keys rotate --purpose checkpoint");
  });
});
