import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { CheckError, InputError } from "../../src/core/errors.ts";
import {
  ensureSetup,
  type Progress,
  type SetupRequest,
  type Transcript,
  verifySetup,
} from "../../src/setup/index.ts";
import { damage, keepWorkers, type Small, small, temporaryFolder } from "./support/small.ts";

const RUN = fileURLToPath(new URL("./support/run-setup.ts", import.meta.url));

describe("Running phase 2", function () {
  this.timeout(120_000);
  keepWorkers();
  let given: Small;
  let folder: string;
  before(async () => {
    given = await small();
  });
  beforeEach(() => {
    folder = temporaryFolder();
  });

  function request(more: Partial<SetupRequest> = {}): SetupRequest {
    return { circuit: given.circuit, ptau: given.ptau, acceptUnknownPtau: true, folder, ...more };
  }

  /** Runs the same request in a process of its own, which may stand still at a step. */
  function start(stopAt?: string): {
    child: ReturnType<typeof spawn>;
    ended: Promise<{ code: unknown; output: string }>;
  } {
    const args = [RUN, given.circuit.r1cs, given.ptau, folder, ...(stopAt === undefined ? [] : [stopAt])];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    return { child, ended: once(child, "close").then(([code]) => ({ code, output })) };
  }

  /** Kills a run at a step; its lock goes with it. */
  async function killAt(step: string): Promise<void> {
    const { child, ended } = start(step);
    child.stdout?.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes(`step ${step}\n`)) child.kill("SIGKILL");
    });
    await ended;
  }

  it("gives a key, its transcript and the deployable form, and finds them again", async () => {
    const first = await ensureSetup(request());
    const again = await ensureSetup(request());
    expect(first.cached).to.equal(false);
    expect(again).to.deep.equal({ ...first, cached: true });
    expect(first.transcript.contributions.map(({ kind }) => kind)).to.deep.equal(["contribution", "beacon"]);
    expect(first.constraints).to.equal(2);
  });

  it("reports each step once, in order, with a sentence", async () => {
    const reports: Progress[] = [];
    await ensureSetup(request({ onProgress: (progress) => reports.push(progress) }));
    expect(reports.map(({ step, done, total }) => `${done}/${total} ${step}`)).to.deep.equal([
      "0/5 powers of tau",
      "1/5 new key",
      "2/5 contribution",
      "3/5 beacon",
      "4/5 export",
    ]);
    expect(reports.every(({ message }) => message.length > 5)).to.equal(true);
  });

  it("makes another key for another circuit, and for another beacon", async () => {
    const beacon = { value: `0x${"42".repeat(32)}`, iterationsExp: 10, source: "block 1 of a test chain" };
    const keys = [
      await ensureSetup(request()),
      await ensureSetup(request({ beacon })),
      await ensureSetup(request({ circuit: { name: "small", r1cs: given.other.r1cs } })),
    ];
    expect(new Set(keys.map(({ verificationKeyHash }) => verificationKeyHash)).size).to.equal(3);
    expect(keys[1]?.transcript.beacon).to.deep.equal(beacon);
  });

  it("starts from a key that is given instead of making one, and a wrong one is found by a check from scratch", async () => {
    const { circuit, ptau } = given;
    const firstWrong = async (initialKey: string): Promise<string | undefined> => {
      const beacon = { value: "0x0203", iterationsExp: 10, source: initialKey };
      const made = await ensureSetup(request({ beacon, initialKey }));
      expect(readFileSync(made.initialKey).equals(readFileSync(initialKey))).to.equal(true);
      const { zkey, transcript } = made;
      return (await verifySetup({ r1cs: circuit.r1cs, ptau, zkey, transcript })).firstWrong?.name;
    };
    expect(await firstWrong(given.setup.initialKey)).to.equal(undefined);
    const other = await ensureSetup(request({ circuit: { name: "other", r1cs: given.other.r1cs } }));
    expect(await firstWrong(other.initialKey)).to.equal("contribution chain");
  });

  it("refuses a malformed beacon before it does anything", async () => {
    const good = { value: "0x01", iterationsExp: 10, source: "test" };
    for (const wrong of [
      { value: "01" },
      { value: "0x" },
      { iterationsExp: 9 },
      { iterationsExp: 21 },
      { source: "" },
    ]) {
      const outcome = await ensureSetup(request({ beacon: { ...good, ...wrong } })).catch(
        (error: unknown) => error,
      );
      expect(outcome, JSON.stringify(wrong)).to.be.instanceOf(InputError);
    }
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it("ends its process: no worker thread keeps it", async () => {
    const { code, output } = await start().ended;
    expect(code).to.equal(0);
    expect(output).to.match(/made 0x[0-9a-f]{64}/);
  });

  it("of two runs at once makes one key, and both get it", async () => {
    const [one, two] = await Promise.all([start().ended, start().ended]);
    expect([one.code, two.code]).to.deep.equal([0, 0]);
    const key = /(made|cached) (0x\w+)/;
    expect(one.output.match(key)?.[2]).to.equal(two.output.match(key)?.[2]);
    expect([one.output.match(key)?.[1], two.output.match(key)?.[1]].sort()).to.deep.equal(["cached", "made"]);
  });

  for (const step of ["new key", "contribution", "beacon", "export"]) {
    it(`killed at "${step}" is taken up by the next run, which gives a setup that verifies`, async () => {
      await killAt(step);
      const made = await ensureSetup(request());
      expect(made.cached).to.equal(false);
      const result = await verifySetup({ ...made, transcript: made.transcriptFile });
      expect(result.firstWrong).to.equal(undefined);
      expect(readdirSync(dirname(dirname(made.zkey)))).to.deep.equal([dirname(made.zkey).split("/").pop()]);
    });
  }

  it("goes on after the last finished step instead of from the start", async () => {
    await killAt("beacon");
    const steps: string[] = [];
    await ensureSetup(request({ onProgress: ({ step }) => steps.push(step) }));
    expect(steps).to.deep.equal(["powers of tau", "beacon", "export"]);
  });

  it("never takes half a file for a whole one", async () => {
    await killAt("beacon");
    const work = join(
      folder,
      "small",
      readdirSync(join(folder, "small")).find((name) => name.endsWith(".work")) ?? "",
    );
    rmSync(join(work, "contributed.zkey"));
    await damage(join(work, "initial.zkey"), join(work, "contributed.zkey.partial"), { cut: 500 });
    const made = await ensureSetup(request());
    expect((await verifySetup({ ...made, transcript: made.transcriptFile })).ok).to.equal(true);
  });

  it("does not serve a key that was changed after it was made", async () => {
    const { zkey } = await ensureSetup(request());
    const original = readFileSync(zkey);
    for (const change of [
      () => truncateSync(zkey, original.length - 1),
      () => copyFile(given.setup.zkey, zkey),
    ]) {
      await change();
      const outcome = await ensureSetup(request()).catch((error: unknown) => error);
      expect(outcome).to.be.instanceOf(CheckError);
      writeFileSync(zkey, original);
    }
    expect((await ensureSetup(request())).cached).to.equal(true);
  });

  describe("believes nothing of a kept transcript that can be computed:", () => {
    type Edit = (copy: Transcript) => void;
    const edits: [field: string, edit: Edit][] = [
      ["ptau.label", (copy) => void Object.assign(copy.ptau, { label: "published" })],
      [
        "development",
        (copy) => {
          Object.assign(copy.ptau, { label: "development", name: "dev_12.ptau" });
          copy.development = true;
        },
      ],
      ["ptau.blake2b", (copy) => void Object.assign(copy.ptau, { blake2b: zeros(64) })],
      ["r1cs.sha256", (copy) => void Object.assign(copy.r1cs, { sha256: zeros(32) })],
      ["r1cs.constraints", (copy) => void Object.assign(copy.r1cs, { constraints: 3 })],
      ["contributions.0.name", (copy) => void Object.assign(copy.contributions[0] ?? {}, { name: "Ada" })],
      [
        "contributions",
        (copy) =>
          void copy.contributions.push({ index: 3, name: "Ada", kind: "contribution", hash: zeros(64) }),
      ],
      ["beacon.source", (copy) => void Object.assign(copy.beacon, { source: "block 900000" })],
      ["beacon.value", (copy) => void Object.assign(copy.beacon, { value: zeros(32) })],
      ["circuit", (copy) => void Object.assign(copy, { circuit: "other" })],
      ["verificationKeyHash", (copy) => void Object.assign(copy, { verificationKeyHash: zeros(32) })],
    ];
    for (const [field, edit] of edits) {
      it(`an edit of ${field} is refused by name`, async () => {
        const { transcriptFile, transcript } = await ensureSetup(request());
        const copy = structuredClone(transcript);
        edit(copy);
        writeFileSync(transcriptFile, JSON.stringify(copy));
        const outcome = await refusal();
        expect(outcome.message).to.contain("the kept setup was changed").and.contain(`transcript.${field}:`);
        expect(outcome.next).to.match(/^remove /);
      });
    }

    it("the whole setup of another circuit in its place is refused", async () => {
      const made = await ensureSetup(request());
      const foreign = await ensureSetup(request({ circuit: { name: "small", r1cs: given.other.r1cs } }));
      for (const file of ["zkey", "transcriptFile", "verificationKeyFile"] as const) {
        await copyFile(foreign[file], made[file]);
      }
      expect((await refusal()).message).to.contain("transcript.r1cs.sha256:");
    });

    it("the key without any contribution in its place is refused", async () => {
      const { zkey, initialKey } = await ensureSetup(request());
      await copyFile(initialKey, zkey);
      expect((await refusal()).message).to.contain("the key has no beacon");
    });

    it("a key that ends with another beacon than the one asked for is refused", async () => {
      const beacon = { value: `0x${"42".repeat(32)}`, iterationsExp: 10, source: "test" };
      const made = await ensureSetup(request({ beacon }));
      const foreign = await ensureSetup(request());
      for (const file of ["zkey", "transcriptFile", "verificationKeyFile"] as const) {
        await copyFile(foreign[file], made[file]);
      }
      expect((await refusal({ beacon })).message).to.contain("another beacon");
    });

    it("a verification key for snarkjs that is not the key's is refused", async () => {
      const { verificationKeyFile } = await ensureSetup(request());
      const json = JSON.parse(readFileSync(verificationKeyFile, "utf8"));
      writeFileSync(verificationKeyFile, JSON.stringify({ ...json, vk_delta_2: json.vk_gamma_2 }));
      expect((await refusal()).message).to.contain("key.vk_delta_2");
    });

    async function refusal(more: Partial<SetupRequest> = {}): Promise<CheckError> {
      const outcome = await ensureSetup(request(more)).catch((error: unknown) => error);
      expect(outcome).to.be.instanceOf(CheckError);
      return outcome as CheckError;
    }
  });

  it("leaves nothing behind when the powers of tau are refused", async () => {
    const outcome = await ensureSetup(request({ acceptUnknownPtau: false })).catch((error: unknown) => error);
    expect(outcome).to.be.instanceOf(Error);
    expect(readdirSync(join(folder, "small"))).to.deep.equal([]);
  });
});

function zeros(bytes: number): string {
  return `0x${"00".repeat(bytes)}`;
}
