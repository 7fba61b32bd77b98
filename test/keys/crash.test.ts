import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { RotationRecords, readRotations } from "../../src/keys/index.ts";
import { crashWork } from "./crash-work.ts";
import { open, temporaryFolder } from "./support.ts";

const CHILD = fileURLToPath(new URL("./crash-child.ts", import.meta.url));
const MOST_CALLS = 80;

/** Children at a time. */
const TOGETHER = 4;

interface Killing {
  readonly work: string;
  /** Fills the folder that the work is done in; every child has its own. */
  prepare?(folder: string): Promise<unknown>;
  /** What the kill left, as a number; then the work is done again, and has to end well. */
  afterwards(folder: string): Promise<number>;
}

/** Kills a child before each of its file-system calls in turn. @returns what each kill left, in that order. */
async function killedEverywhere(killing: Killing): Promise<number[]> {
  const left: number[] = [];
  for (let first = 0; ; first += TOGETHER) {
    expect(first, "calls until it is done").to.be.below(MOST_CALLS);
    const calls = Array.from({ length: TOGETHER }, (_, i) => first + i);
    const outcomes = await Promise.all(calls.map((crashAt) => killedAt(crashAt, killing)));
    left.push(...outcomes.filter((outcome) => outcome !== undefined));
    if (outcomes.includes(undefined)) return left;
  }
}

/** @returns undefined when the work was done before that call. */
async function killedAt(
  crashAt: number,
  { work, prepare, afterwards }: Killing,
): Promise<number | undefined> {
  using temporary = temporaryFolder();
  const folder = join(temporary.path, "keys");
  await prepare?.(folder);
  const child = spawn(process.execPath, [CHILD, folder, String(crashAt), work], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const [code, signal] = await once(child, "close");
  if (code === 0) return undefined;
  expect(signal, errors).to.equal("SIGKILL");
  // Awaited here, or the folder would be gone before.
  return await afterwards(folder);
}

describe("keystore: kill -9", function () {
  this.timeout(240_000);
  const again = (folder: string, work: string) => crashWork(folder)[work]?.();
  const rotations = async (folder: string) =>
    readRotations(await open(folder).list(), new RotationRecords(folder));

  it("while a key is made leaves nothing or a whole key, and the next attempt works, whatever call it hits", async () => {
    let temporaryFiles = 0;
    const left = await killedEverywhere({
      work: "create",
      afterwards: async (folder) => {
        const { length } = await open(folder).list();
        if (length === 0) await again(folder, "create");
        await open(folder).signDigest("deployer", new Uint8Array(32));
        temporaryFiles += readdirSync(folder).filter((name) => name.endsWith(".tmp")).length;
        return length;
      },
    });
    // Both outcomes were met, in this order, and torn temporary files were there to be ignored.
    expect(left.join("")).to.match(/^0{4,}1{2,}$/);
    expect(temporaryFiles).to.be.above(0);
  });

  it("while a key is taken in leaves nothing or a whole key, and the same line once more ends it", async () => {
    const left = await killedEverywhere({
      work: "import",
      afterwards: async (folder) => {
        const { length } = await open(folder).list();
        await again(folder, "import");
        await open(folder).signDigest("deployer", new Uint8Array(32));
        expect(await open(folder).list()).to.have.length(1);
        return length;
      },
    });
    expect(left.join("")).to.match(/^0{4,}1{2,}$/);
  });

  it("while a key is rotated never leaves two successors, and the same line once more ends it", async () => {
    const left = await killedEverywhere({
      work: "rotate",
      prepare: (folder) => open(folder).create("signer", "secp256k1"),
      afterwards: async (folder) => {
        const { length } = await open(folder).list();
        const recorded = (await rotations(folder)).successors.size;
        await again(folder, "rotate");
        const names = (await open(folder).list()).map(({ name }) => name);
        expect(names).to.deep.equal(["signer", "signer.v2"]);
        expect([...(await rotations(folder)).successors]).to.deep.equal([["signer", "signer.v2"]]);
        return length + recorded;
      },
    });
    // Nothing but the old key; the successor without its record; both.
    expect(left.join("")).to.match(/^1{4,}2{4,}3{2,}$/);
  });
});
