import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Command } from "commander";
import { addLog } from "../../src/cli/commands/log.ts";
import { addRotation } from "../../src/cli/commands/rotation.ts";
import { due, run } from "../../src/cli/rotation/run.ts";
import { open, PASSPHRASE } from "../keys/support.ts";
import { inProcess } from "../support/proofx.ts";

const DAY = 86_400_000;

interface Answer {
  readonly keys?: readonly { readonly kind: string; readonly name: string; readonly status: string }[];
  readonly missing?: readonly string[];
  readonly rotated?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly status: string;
    readonly next: string[];
  }[];
}

describe("proofx rotation due and run", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "proofx-rotation-"));
  const config = join(folder, "proofx.toml");
  const env = {
    PROOFX_KEYS: join(folder, "keys"),
    PROOFX_PASSPHRASE_FILE: join(folder, "passphrase"),
    PROOFX_CONFIG: config,
    DATABASE_URL: undefined,
  };
  /** As typed, `days` from now. */
  const at = async (days: number, act: typeof run, options = {}): Promise<[number, Answer]> => {
    let answer: Answer = {};
    const { code, stderr } = await inProcess(async () => {
      const result = await act({ config, ...options }, new Date(Date.now() + days * DAY));
      answer = result.data as Answer;
      process.exitCode = result.exitCode ?? 0;
    }, env);
    expect(stderr).to.not.contain("Error");
    return [code, answer];
  };
  const names = (answer: Answer, status: string) =>
    (answer.keys ?? []).filter((key) => key.status === status).map(({ kind, name }) => `${kind} ${name}`);

  before(async () => {
    writeFileSync(join(folder, "passphrase"), PASSPHRASE, { mode: 0o600 });
    const keys = open(join(folder, "keys"));
    // Made here with as good as no scrypt, those that a rotation of the log's own keys looks for too.
    const own = ["registrar", "receipt", "checkpoint"].flatMap((name) => [name, `${name}-2`]);
    for (const name of [...own, "agent-7", "backup"]) await keys.create(name, "ed25519");
    for (const name of ["signer", "anchorer", "other"]) await keys.create(name, "secp256k1");
    await keys.create("log-master", "aes-256");
    writeFileSync(
      config,
      `[log]\n[sequencer]\nlog_name = "rotation.test"\n[store]\nfolder = "${join(folder, "log")}"\n[keys]\nwork_factor = 10\n[at_rest]\n[anchor]\nkey = "anchorer"\n[backup]\nsigner = "backup"\n`,
    );
    const program = new Command("proofx").exitOverride();
    addLog(program);
    expect((await inProcess(() => program.parseAsync(["log", "init"], { from: "user" }), env)).code).to.equal(
      0,
    );
  });
  after(() => rmSync(folder, { recursive: true }));

  it("keys of every kind are told, none is due at first, and one on no schedule is none of them", async () => {
    const [code, answer] = await at(0, due);
    expect([code, answer.missing]).to.deep.equal([0, []]);
    expect(names(answer, "ok")).to.have.members([
      "keystore agent-7",
      "keystore anchorer",
      "keystore backup",
      "keystore signer",
      "master log-master",
      "service checkpoint 1",
      "service receipt 1",
      "service registrar 1",
    ]);
  });

  it("each falls due after the days of its kind: 90, 180, 365", async () => {
    const [early] = await at(89, due);
    const [code, at90] = await at(91, due);
    expect([early, code, names(at90, "overdue")]).to.deep.equal([
      0,
      1,
      ["keystore agent-7", "keystore signer"],
    ]);
    const [, at181] = await at(181, due);
    expect(names(at181, "overdue"))
      .to.have.length(7)
      .and.to.include("service receipt 1")
      .and.to.include("keystore anchorer");
    const [, at366] = await at(366, due);
    expect(names(at366, "overdue")).to.include("master log-master");
  });

  it("a log that cannot be read is no log without keys that are due: 1, and --no-log leaves it out on purpose", async () => {
    const away = { DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" };
    const codes = [];
    for (const act of [due, run])
      for (const options of [{}, { log: false }]) {
        const { code } = await inProcess(
          async () => {
            process.exitCode = (await act({ config, ...options })).exitCode ?? 0;
          },
          { ...env, ...away },
        );
        codes.push(code);
      }
    expect(codes).to.deep.equal([1, 0, 1, 0]);
  });

  it("the log's keys go by [keys.schedule], too", async () => {
    const strict = join(folder, "strict.toml");
    const services = '[keys.schedule.services]\nkeys = ["anchorer"]\ndays = 30\nwarn_days = 3\n';
    writeFileSync(strict, `${readFileSync(config, "utf8")}${services}`);
    const [code, answer] = await at(31, due, { config: strict });
    expect([code, names(answer, "overdue")]).to.deep.equal([
      1,
      ["keystore anchorer", "service checkpoint 1", "service receipt 1", "service registrar 1"],
    ]);
  });

  it("run rotates what a command can, says what is left, and repeated makes nothing twice", async () => {
    const [, planned] = await at(181, run, { dryRun: true });
    expect(planned.rotated).to.deep.equal([]);
    const [code, { rotated = [] }] = await at(181, run);
    expect(code).to.equal(1);
    const of = (kind: string, name: string) =>
      rotated.find((each) => each.kind === kind && each.name === name);
    expect(of("service", "receipt 1")?.status).to.equal("done");
    expect(of("keystore", "signer")?.next.join("\n")).to.contain("roles grant").and.to.contain("--retire");
    const backups = of("keystore", "backup")?.next.join("\n");
    expect(backups).to.contain('"backup.v2" as [backup] signer').and.to.contain("in [backup.signers]");
    await at(366, run, { log: false });
    const again = await at(366, run, { log: false });
    expect(again[1].rotated?.map(({ status }) => status)).to.deep.equal(Array(5).fill("begun"));
    const held = (await open(join(folder, "keys")).list()).map(({ name }) => name);
    expect(held.filter((name) => name.startsWith("signer"))).to.deep.equal(["signer", "signer.v2"]);
    expect(held.filter((name) => name.startsWith("log-master"))).to.deep.equal([
      "log-master",
      "log-master-2",
    ]);
  });

  it("is reached by its name, and says when the log's keys are not among them", async () => {
    const program = new Command("proofx").exitOverride();
    addRotation(program);
    const typed = (...args: string[]) =>
      inProcess(() => program.parseAsync(["rotation", ...args], { from: "user" }), env);
    const { code, stdout } = await typed("due", "--no-log");
    expect([code, stdout.includes("without the log's keys: --no-log")]).to.deep.equal([0, true]);
  });
});
