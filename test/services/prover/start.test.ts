import { copyFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect } from "chai";
import { importsOf } from "../../../scripts/checks/imports.ts";
import { ROOT } from "../../../scripts/checks/support/process.ts";
import { parseSource } from "../../../scripts/checks/support/sources.ts";
import { artifacts } from "../../compliance/support/artifacts.ts";
import { proofx } from "../../support/proofx.ts";
import { type ProverConfig, writeConfig } from "./support/prover.ts";

describe("The start of a prover service", function () {
  this.timeout(300_000);

  async function refused(
    config: ProverConfig,
    env: NodeJS.ProcessEnv = {},
    arrange?: (folder: string) => void,
  ) {
    const { file, folder, remove } = writeConfig(config);
    try {
      arrange?.(folder);
      const text = readFileSync(file, "utf8").replaceAll("@", folder);
      writeFileSync(file, text);
      const { code, stderr } = await proofx(["prover", "--config", file], env);
      return `${code} ${stderr}`;
    } finally {
      remove();
    }
  }

  it("is refused with another key than the one that is deployed, a key cut short, files that are not there", async () => {
    const { wasm, setup } = await artifacts();
    const other = `verification_key_hash = "0x${"ab".repeat(32)}"`;
    expect(await refused({ circuit: [other] })).to.match(/^1 [\s\S]*expected the key 0xabab/);
    const cut = { circuit: [`wasm = "${wasm}"`, 'zkey = "@/cut.zkey"'] };
    const arrange = (folder: string): void => {
      copyFileSync(setup.zkey, join(folder, "cut.zkey"));
      truncateSync(join(folder, "cut.zkey"), 4_000_000);
    };
    expect(await refused(cut, {}, arrange)).to.match(/^1 /);
    expect(await refused({ circuit: ['wasm = "@/no.wasm"', 'zkey = "@/no.zkey"'] })).to.match(
      /^4 [\s\S]*ENOENT/,
    );
  });

  it("is refused with settings that make no sense, each by its name", async () => {
    const cases: [ProverConfig, RegExp][] = [
      [{ prover: ["queue_length = 0"] }, /prover\.queue_length: expected an integer from 1/],
      [{ prover: ['queue = "redis"'] }, /prover\.queue: expected one of "memory", "postgres"/],
      [{ prover: ['queue = "postgres"'] }, /prover\.queue_key_file: expected a file/],
      [{ prover: ["wokers = 2"] }, /expected no unknown field, got "wokers"/],
      [{ circuit: ['wasm = "x"'] }, /wasm and zkey, or neither/],
      [{ circuit: ["[[prover.circuits]]", "version = 1"] }, /each version once/],
    ];
    for (const [config, words] of cases) {
      const said = await refused(config);
      expect(said).to.match(/^2 /);
      expect(said).to.match(words);
    }
  });

  it("is refused without the shared queue's secrets, or when others could read them, and tells none", async () => {
    const secret = "a-password-in-a-url";
    const shared = ['queue = "postgres"', 'queue_key_file = "@/key"'];
    const key = (content: string, mode: number) => (folder: string) =>
      writeFileSync(join(folder, "key"), content, { mode });
    const good = `${"ab".repeat(32)}\n`;
    const unset = { PROOFX_PROVER_DATABASE_URL: undefined };
    const set = { PROOFX_PROVER_DATABASE_URL: `postgres://proofx:${secret}@127.0.0.1:1/none` };
    expect(await refused({ prover: shared }, unset, key(good, 0o600))).to.match(/^4 [\s\S]*no database URL/);
    const said = [
      await refused({ prover: shared }, set, key(good, 0o644)),
      await refused({ prover: shared }, set, key("short", 0o600)),
      await refused(
        { prover: shared },
        { PROOFX_PROVER_DATABASE_URL: `mysql://${secret}` },
        key(good, 0o600),
      ),
      await refused({ prover: shared }, set, key(good, 0o600)),
    ];
    expect(said.map((each) => Number(each[0]))).to.deep.equal([3, 2, 2, 4]);
    expect(said.join("\n")).not.to.include(secret);
  });

  it("loads no code that could hold a signing key", () => {
    const reached = new Set<string>();
    const follow = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const { specifier, typeOnly } of importsOf(parseSource(ROOT, file)))
        if (specifier?.startsWith(".") && !typeOnly)
          follow(relative(ROOT, join(ROOT, dirname(file), specifier)));
    };
    for (const entry of ["service", "worker", "postgres-queue"]) follow(`src/services/prover/${entry}.ts`);
    expect(reached.size).to.be.above(40);
    expect([...reached].filter((file) => file.startsWith("src/keys/"))).to.deep.equal([]);
  });
});
