import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { withBinFile } from "../../src/setup/bin-file.ts";
import { ensureSetup, verifySetup } from "../../src/setup/index.ts";
import { readKeyHistory } from "../../src/setup/mpc-params.ts";
import { applyBeacon, contribute } from "../../src/setup/phase2.ts";
import { keepWorkers, type Small, small } from "./support/small.ts";

describe("The verdict on a trusted setup", function () {
  this.timeout(120_000);
  keepWorkers();
  let given: Small;
  before(async () => {
    given = await small();
  });
  const path = (name: string): string => join(given.folder, name);

  it("says that powers of tau are of unknown origin, which is not development", async () => {
    const { setup, circuit, ptau } = given;
    const result = await verifySetup({
      r1cs: circuit.r1cs,
      ptau,
      zkey: setup.zkey,
      transcript: setup.transcript,
    });
    const { ok, origin, development, contributors } = result;
    expect({ ok, origin, development, contributors }).to.deep.equal({
      ok: true,
      origin: "unknown",
      development: false,
      contributors: 1,
    });
  });

  it("says that powers of tau are the development ones", async () => {
    const made = await ensureSetup({ circuit: given.circuit, folder: path("development") });
    const { r1cs, zkey, initialKey, transcript } = made;
    const { origin, development } = await verifySetup({ r1cs, zkey, initialKey, transcript });
    expect({ origin, development }).to.deep.equal({ origin: "development", development: true });
  });

  it("counts the contributions of the key, not those of the transcript", async () => {
    const [second, ended] = [path("verdict-2.zkey"), path("verdict-3.zkey")];
    await contribute(given.setup.initialKey, path("verdict-1.zkey"), "Ada");
    await contribute(path("verdict-1.zkey"), second, "Zoe");
    await applyBeacon(second, ended, { value: "0x0102", iterationsExp: 10, source: "test" });
    const { r1cs, ptau, transcript } = given.setup;
    expect((await verifySetup({ r1cs, ptau, zkey: ended, transcript })).contributors).to.equal(2);
  });

  it("is no when delta is gamma's negative, which anybody can forge with too", async () => {
    const zkey = path("negative.zkey");
    await negateDelta(given.setup.initialKey, zkey);
    const { r1cs, ptau, transcript } = given.setup;
    const { checks } = await verifySetup({ r1cs, ptau, zkey, transcript });
    const { ok, got } = checks.find(({ name }) => name === "delta differs from gamma") ?? {};
    expect({ ok, got }).to.deep.equal({
      ok: false,
      got: "delta is the negative of gamma: anybody can forge proofs",
    });
    expect((await readKeyHistory(zkey)).contributions).to.deep.equal([]);
  });
});

const HEADER = 2;
/** After the sizes (84 bytes): alpha and beta in G1, beta and gamma in G2, delta in G1, then delta in G2, x before y. */
const DELTA_Y = 84 + 2 * 64 + 2 * 128 + 64 + 64;
const MODULUS = BigInt("0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47");

/** Negates both parts of delta's y; in Montgomery form, too, a negative is the modulus less the number. */
async function negateDelta(from: string, to: string): Promise<void> {
  const offset = await withBinFile(
    "key",
    from,
    "zkey",
    async (file) => file.sections.get(HEADER)?.offset ?? 0,
  );
  const bytes = await readFile(from);
  for (const start of [offset + DELTA_Y, offset + DELTA_Y + 32]) {
    const part = bytes.subarray(start, start + 32).reverse();
    const negative = MODULUS - BigInt(`0x${part.toString("hex")}`);
    Buffer.from(negative.toString(16).padStart(64, "0"), "hex").reverse().copy(bytes, start);
  }
  await writeFile(to, bytes);
}
