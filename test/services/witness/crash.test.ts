import { spawn as start } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { LogTree, parseSignatureLine, verifyCosignature } from "../../../src/core/log/index.ts";
import { bytes32 } from "../../core/log/support.ts";
import { needs } from "../../support/needs.ts";
import { type ProofxService, proofx, startProofx } from "../../support/proofx.ts";
import { body, head, LOG_VKEY, makeWitness, ORIGIN, type TestWitness } from "./log-under-test.ts";

const MOST = 4_000;
const LONG = new LogTree(Array.from({ length: MOST }, (_, i) => bytes32(i)));

describe("The witness is killed", function () {
  this.timeout(120_000);
  let witness: TestWitness;
  let child: ProofxService | undefined;
  let config: string;
  before(async () => {
    witness = await makeWitness({ started: false });
    config = join(witness.folder, "witness.toml");
    writeFileSync(
      config,
      [
        '[log]\nlevel = "info"\n[keys]\nbackend = "keystore"',
        `[witness]\nname = "witness.example/w1"\nfolder = ${JSON.stringify(witness.stateFolder)}`,
        `[[witness.logs]]\norigin = "${ORIGIN}"\nkeys = ["${LOG_VKEY}"]`,
        "[witness.http]\nport = 0\n",
      ].join("\n"),
    );
  });
  afterEach(async () => {
    if (child?.process.exitCode === null && child.process.signalCode === null) await child.end("SIGKILL");
  });
  after(() => witness?.close());

  async function spawn(): Promise<void> {
    child = await startProofx(["witness", "--config", config], witness.environment);
    witness.url = child.url;
  }

  it("at random moments under load: no head it cosigned is forgotten, and none is forked afterwards", async () => {
    let acknowledged = 0;
    for (let kill = 0; kill < 8; kill++) {
      await spawn();
      let killing: Promise<unknown> | undefined;
      let size = await lastSize();
      expect(size, "a cosigned head is forgotten").to.be.at.least(acknowledged);
      while (size < MOST) {
        const to = size + 1;
        const answer = await witness.post(await body(LONG, size, to)).catch(() => undefined);
        if (answer === undefined) break;
        const text = await answer.text().catch(() => "");
        if (answer.status !== 200 || text === "") break;
        const note = await head(LONG, to);
        verifyCosignature({ ...note, signatures: [parseSignatureLine(text.slice(0, -1))] }, witness.vkey);
        acknowledged = size = to;
        killing ??= sleep(randomInt(200)).then(() => child?.end("SIGKILL"));
      }
      expect(await killing).to.equal("SIGKILL");
    }
    expect(acknowledged).to.be.greaterThan(0);

    await spawn();
    const last = await lastSize();
    expect(last - acknowledged, "at most the head under way").to.be.within(0, 1);
    const fork = new LogTree(Array.from({ length: last + 1 }, (_, i) => bytes32(i === 0 ? 9_999 : i)));
    expect((await witness.post(await body(fork, last, last))).status).to.equal(409);
    expect((await witness.post(await body(fork, last, last + 1))).status).to.equal(422);
    expect((await witness.post(await body(LONG, last, last + 1))).status).to.equal(200);
    expect(await child?.end("SIGTERM")).to.equal(0);
  });

  it("a power cut instead: the head and its folder are synced before the answer is sent", async function () {
    needs(this, { command: "strace", install: "apt-get install strace" });
    await spawn();
    const size = await lastSize();
    const trace = join(witness.folder, "trace");
    const calls = "trace=openat,fsync,rename,write,writev,sendto,sendmsg";
    const tracer = start(
      "strace",
      ["-f", "-p", String(child?.process.pid), "-e", calls, "-s", "200", "-o", trace],
      {
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    try {
      await once(tracer.stderr, "data");
      expect((await witness.post(await body(LONG, size, size + 1))).status).to.equal(200);
    } finally {
      tracer.kill("SIGINT");
      await once(tracer, "exit");
    }
    const lines = readFileSync(trace, "utf8").split("\n");
    const whereOf = (pattern: RegExp, from = 0) =>
      lines.findIndex((line, i) => i > from && pattern.test(line));
    const written = whereOf(/openat\(.*\.tmp".*O_CREAT/);
    const synced = whereOf(/fsync\(/, written);
    const renamed = whereOf(/rename\(.*\.tmp"/, synced);
    const folderSynced = whereOf(/fsync\(/, renamed);
    const answered = whereOf(/"HTTP\/1\.1 200 OK.*content-type: text\/plain/);
    const order = [written, synced, renamed, folderSynced, answered];
    expect(order, lines.join("\n")).to.deep.equal(order.toSorted((a, b) => a - b));
    expect(written).to.be.greaterThan(0);
  });

  it("while it wrote: the half-written file is nobody's head, and is cleared away", async () => {
    const heads = join(witness.stateFolder, "heads");
    mkdirSync(heads, { recursive: true });
    const before = readdirSync(heads);
    writeFileSync(join(heads, "00.json.0123456789ab.tmp"), '{\n "version": 1,\n "orig');
    await spawn();
    expect(readdirSync(heads)).to.deep.equal(before);
  });

  it("`proofx witness key` prints the key that cosigns, without a passphrase", async () => {
    const { code, stdout, stderr } = await proofx(["witness", "key", "--config", config, "--json"], {
      PROOFX_KEYS: witness.environment.PROOFX_KEYS,
    });
    expect(code, stderr).to.equal(0);
    const { vkey, name } = JSON.parse(stdout) as { vkey: string; name: string };
    expect([name, vkey.split("+")[0]]).to.deep.equal(["witness.example/w1", "witness.example/w1"]);
    await spawn();
    const face = (await (await fetch(`${witness.url}/v1/witness`)).json()) as { vkey: string };
    expect(face.vkey).to.equal(vkey);
  });

  it("settings that cannot be meant are refused with what to correct", async () => {
    const cases: [toml: string, words: string][] = [
      ['name = "two words"\nfolder = "x"', "witness.name"],
      [`name = "w"\nfolder = "x"\nlogs = [{ origin = "a", keys = ["${LOG_VKEY.slice(1)}"] }]`, "keys[0]"],
      [
        `name = "w"\nfolder = "x"\nlogs = [{ origin = "a", keys = ["${LOG_VKEY}"] }, { origin = "a", keys = ["${LOG_VKEY}"] }]`,
        "each origin once",
      ],
      ['name = "w"\nfolder = "x"\nlogs = [{ origin = "", keys = [] }]', "origin"],
    ];
    for (const [toml, words] of cases) {
      const file = join(witness.folder, "bad.toml");
      writeFileSync(file, `[witness]\n${toml}\n[witness.http]\nport = 0\n`);
      const { code, stderr } = await proofx(["witness", "--config", file], witness.environment);
      expect(code, stderr).to.equal(2);
      expect(stderr).to.contain(words);
    }
  });

  /** What it says it cosigned last. */
  async function lastSize(): Promise<number> {
    const face = (await (await fetch(`${witness.url}/v1/witness`)).json()) as { logs: { size: string }[] };
    return Number(face.logs[0]?.size);
  }
});
