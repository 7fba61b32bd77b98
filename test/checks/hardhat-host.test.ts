import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type Finished, HardhatHost, runAlone } from "../../scripts/hardhat-host/host.ts";
import { OutputUntil } from "../../scripts/hardhat-host/output.ts";
import { HostPool } from "../../scripts/hardhat-host/pool.ts";

/** Nobody listens here. */
const NOWHERE = "http://127.0.0.1:1";

/** A project whose commands do what no command should. */
const UNRULY = `
import { task } from "hardhat/config";
const bad = {
  late: async () => { setTimeout(() => console.log("printed late"), 100); console.log("printed"); },
  seen: async () => { console.log(process.argv.slice(2), process.exitCode, process.listenerCount("uncaughtException")); },
  signs: async () => { for (const part of [...Buffer.from("€ and ü")]) process.stdout.write(Buffer.from([part])); },
  nul: async () => { process.stdout.write("\\0\\0abc\\0"); },
  fails: async () => { throw new Error("out of the task"); },
  rejects: async () => { void Promise.reject(new Error("nobody waits for this")); await new Promise((on) => setTimeout(on, 5_000)); },
  throws: async () => { setTimeout(() => { throw new Error("out of a timer"); }, 10); await new Promise((on) => setTimeout(on, 5_000)); },
  exits: async () => { console.log("on its way"); process.exit(7); },
  dies: async () => { process.kill(process.pid, "SIGKILL"); await new Promise((on) => setTimeout(on, 5_000)); },
  waits: async () => { await new Promise(() => undefined); },
};
export default {
  tasks: Object.entries(bad).map(([name, run]) =>
    task(name, "Misbehaves").setAction(async () => ({ default: run })).build()),
};
`;

/** Where an error was thrown: the frames below the task are the host's own. */
const withoutStack = (text: string): string => text.replace(/^ +at .*\n/gm, "");

/** Where CI is set, Hardhat prints a stack, whose last frame is the file that the process was started with. */
function withoutFrames<T extends { readonly stderr: string }>(finished: T): T {
  return { ...finished, stderr: finished.stderr.replace(/^ +at .*\n/gm, "") };
}

describe("a host runs a command line as a process of its own does", function () {
  this.timeout(180_000);
  let folder: string;
  let env: NodeJS.ProcessEnv;
  let host: HardhatHost;
  const path = (name: string) => join(folder, name);
  const wordsOf = (line: string) => line.split(" ").map((word) => word.replace(/^@/, `${folder}/`));
  const type = (line: string, stdin?: string): Promise<Finished> => host.run(wordsOf(line), { stdin });
  const typeAlone = (line: string, stdin?: string): Promise<Finished> =>
    runAlone(wordsOf(line), env, { stdin });

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "proofx-host-"));
    writeFileSync(path("passphrase"), "correct horse battery staple", { mode: 0o600 });
    env = {
      ...process.env,
      PROOFX_LOCAL_RPC_URL: NOWHERE,
      PROOFX_KEYS: path("keys"),
      PROOFX_PASSPHRASE_FILE: path("passphrase"),
      PROOFX_CONFIG: path("proofx.toml"),
      HARDHAT_DISABLE_TELEMETRY_PROMPT: "true",
    };
    writeFileSync(path("proofx.toml"), "");
  });
  beforeEach(() => {
    host = new HardhatHost(env);
  });
  afterEach(() => host.close());
  after(() => rmSync(folder, { recursive: true }));

  it("says the same on both streams and ends with the same code, whatever ran before", async () => {
    const lines: [line: string, exitCode: number, stdin?: string][] = [
      ["keys list", 0],
      ["keys list --json", 0],
      ["keys list --help", 0],
      ["--version", 0],
      ["no-such-task", 1],
      ["keys no-such-task", 1],
      ["keys list --no-such-option", 1],
      ["keys create --name ../up --algorithm ed25519 --json", 2],
      ["policy list", 2],
      ["policy list --network local --json", 4],
      ["facts commit --in @no-such-file --out @never", 4],
      ["facts commit --in - --out @never", 2, "{}"],
      ["apikey create --tenant 6ba7b810-9dad-11d1-80b4-00c04fd430c8 --role agent", 3],
      ["keys list", 0],
    ];
    for (const [line, exitCode, stdin] of lines) {
      const [here, alone] = await Promise.all([type(line, stdin), typeAlone(line, stdin)]);
      expect(withoutFrames(here), line).to.deep.equal(withoutFrames(alone));
      expect(here.exitCode, `${line}\n${here.stderr}`).to.equal(exitCode);
    }
  });

  it("has the variables that a command brings for that command alone", async () => {
    const text = "[keys]\nno_such_setting = 1\n";
    writeFileSync(path("other.toml"), text);
    const other = { env: { PROOFX_CONFIG: path("other.toml"), PROOFX_KEYS: path("other-keys") } };
    const there = await host.run(["keys", "list"], other);
    expect(there).to.deep.equal(await runAlone(["keys", "list"], { ...env, ...other.env }));
    expect(there.stderr).to.contain("no_such_setting");
    expect(await type("keys list")).to.deep.equal(await typeAlone("keys list"));
  });

  it("reads the settings anew, which another command has read before", async () => {
    expect((await type("keys list")).exitCode).to.equal(0);
    writeFileSync(path("proofx.toml"), "[keys]\nno_such_setting = 1\n");
    try {
      const [here, alone] = await Promise.all([type("keys list"), typeAlone("keys list")]);
      expect(here.exitCode, here.stderr).to.equal(2);
      expect(here).to.deep.equal(alone);
    } finally {
      writeFileSync(path("proofx.toml"), "");
    }
    expect((await type("keys list")).exitCode).to.equal(0);
  });
});

describe("a host and commands that misbehave", function () {
  this.timeout(180_000);
  let folder: string;
  let env: NodeJS.ProcessEnv;
  let host: HardhatHost;

  before(() => {
    // Inside the project, where Hardhat looks for itself.
    mkdirSync("build", { recursive: true });
    folder = mkdtempSync(join("build", "hardhat-host-"));
    writeFileSync(join(folder, "hardhat.config.ts"), UNRULY);
    env = { ...process.env, HARDHAT_CONFIG: join(folder, "hardhat.config.ts") };
    host = new HardhatHost(env);
  });
  after(async () => {
    await host.close();
    rmSync(folder, { recursive: true });
  });

  it("ends as a process of its own would, and runs the next command", async () => {
    for (const [command, exitCode] of [
      ["late", 0],
      ["fails", 1],
      ["seen", 0],
      ["signs", 0],
      ["nul", 0],
      ["rejects", 1],
      ["throws", 1],
      ["exits", 7],
      ["dies", 1],
      ["seen", 0],
    ] as const) {
      const [here, alone] = await Promise.all([host.run([command]), runAlone([command], env)]);
      expect(withoutStack(here.stdout), command).to.equal(withoutStack(alone.stdout));
      expect(withoutStack(here.stderr), command).to.equal(withoutStack(alone.stderr));
      expect([here.exitCode, alone.exitCode], command).to.deep.equal([exitCode, exitCode]);
    }
    expect((await host.run(["late"])).stdout).to.equal("printed\nprinted late\n");
  });

  it("does not wait for what can never come", async () => {
    expect((await host.run(["waits"])).exitCode).to.equal(13);
    expect((await runAlone(["waits"], env)).exitCode).to.equal(13);
    expect((await host.run(["seen"])).exitCode).to.equal(0);
  });

  it("runs a command beside another one, and hands on what is printed while it runs", async () => {
    const printed: string[] = [];
    const started: number[] = [];
    const onStart = ({ pid }: { readonly pid?: number | undefined }) => void started.push(pid ?? 0);
    const both = await Promise.all([
      host.run(["late"], { onStdout: (text) => void printed.push(text) }),
      host.run(["late"], { onStart }),
    ]);
    expect(both.map(({ stdout }) => stdout)).to.deep.equal(Array(2).fill("printed\nprinted late\n"));
    expect(printed).to.deep.equal(["printed\n", "printed late\n"]);
    expect(started.length, "a process of its own").to.equal(1);
  });

  it("a pool starts no more hosts than it has, and none before it is needed", async () => {
    const pool = new HostPool(env, 2);
    const started = new Set<number | undefined>();
    const run = () => pool.run(["seen"], { onStart: ({ pid }) => void started.add(pid) });
    try {
      for (let i = 0; i < 3; i++) await run();
      expect(started.size).to.equal(1);
      const all = await Promise.all(Array.from({ length: 5 }, run));
      expect(all.map(({ exitCode }) => exitCode)).to.deep.equal([0, 0, 0, 0, 0]);
      expect(started.size).to.equal(2);
    } finally {
      await pool.close();
    }
  });
});

describe("output until a mark", () => {
  it("is handed on as it comes, whole, and not a letter of the mark", () => {
    const bytes = Buffer.from("ü \0m: \0mar\0mark\0after");
    for (let size = 1; size <= bytes.length; size++) {
      let taken = "";
      const output = new OutputUntil("\0mark\0", (text) => {
        taken += text;
      });
      for (let at = 0; at < bytes.length && !output.ended; at += size)
        output.add(bytes.subarray(at, at + size));
      expect(output.ended).to.equal(true);
      expect([taken, output.text]).to.deep.equal(["ü \0m: \0mar", "ü \0m: \0mar"]);
    }
  });

  it("is all there is when the stream ends without one", () => {
    const output = new OutputUntil("\0mark\0", () => undefined);
    output.add(Buffer.from("lost \0mar"));
    output.close();
    expect(output.text).to.equal("lost \0mar");
  });
});
