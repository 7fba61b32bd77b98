import { appendFile, copyFile, readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { CheckError, InputError, RefusedError, UnavailableError } from "../../src/core/errors.ts";
import { DEVELOPMENT_PTAU, ensureSetup, identifyPtau } from "../../src/setup/index.ts";
import { faultOfPtau } from "../../src/setup/ptau.ts";
import { PUBLISHED_PTAU, publishedName } from "../../src/setup/published-ptau.ts";
import { powerNeeded } from "../../src/setup/r1cs.ts";
import { damage, keepWorkers, makePtau, type Small, small } from "./support/small.ts";

describe("Powers of tau", function () {
  this.timeout(60_000);
  keepWorkers();
  let given: Small;
  before(async () => {
    given = await small();
  });
  const path = (name: string): string => join(given.folder, name);

  async function refusal(run: Promise<unknown>): Promise<Error> {
    const outcome = await run.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(outcome instanceof Error)) throw new Error("nothing was refused");
    return outcome;
  }

  it("of development are known by their hash, whatever the file is called", async () => {
    const renamed = path("powersOfTau28_hez_final_12.ptau");
    await copyFile(DEVELOPMENT_PTAU, renamed);
    const { label, name, power } = await identifyPtau(renamed);
    expect({ label, name, power }).to.deep.equal({ label: "development", name: "dev_12.ptau", power: 12 });
  });

  it("of development verify, and have the hashes that their README gives", async () => {
    const { blake2b, sha256 } = await identifyPtau(DEVELOPMENT_PTAU);
    const readme = await readFile(join(dirname(DEVELOPMENT_PTAU), "README.md"), "utf8");
    expect(readme.split("\n")[0]).to.match(/development only/i);
    expect(readme).to.include(blake2b.slice(2)).and.include(sha256.slice(2));
    expect(await faultOfPtau(DEVELOPMENT_PTAU)).to.equal(undefined);
  });

  it("are known as published by the table that snarkjs ships", async () => {
    const readme = join(createRequire(import.meta.url).resolve("snarkjs"), "../../README.md");
    const rows = [
      ...(await readFile(readme, "utf8")).matchAll(
        /^\|\s*(\d+)\s*\|.*\[(\S+\.ptau)\].*\|\s*([0-9a-f]{128})/gm,
      ),
    ];
    expect(rows.map(([, power, name, hash]) => [Number(power), name, `0x${hash}`])).to.deep.equal(
      [...PUBLISHED_PTAU].map(([power, hash]) => [power, publishedName(power), hash]),
    );
  });

  it("of unknown origin are refused", async () => {
    const request = { circuit: given.circuit, ptau: given.ptau, folder: path("refused") };
    expect(await refusal(ensureSetup(request))).to.be.instanceOf(RefusedError);
  });

  it("of unknown origin that do not verify are refused even when accepted", async () => {
    const { size } = await stat(given.ptau);
    const ptau = await damage(given.ptau, path("flipped.ptau"), { flip: size - 100 });
    const request = { circuit: given.circuit, ptau, acceptUnknownPtau: true, folder: path("refused") };
    const error = await refusal(ensureSetup(request));
    expect(error).to.be.instanceOf(CheckError);
    expect(error.message).to.match(/does not verify/);
  });

  it("of development with one byte changed are unknown ones", async () => {
    const changed = await damage(DEVELOPMENT_PTAU, path("changed.ptau"), { flip: 2_000_000 });
    expect((await identifyPtau(changed)).label).to.equal("unknown");
  });

  it("that are cut short are named so, at any length", async () => {
    const { size } = await stat(DEVELOPMENT_PTAU);
    for (const cut of [12, 20, 60, 1_000_000, size - 1]) {
      const ptau = await damage(DEVELOPMENT_PTAU, path("cut.ptau"), { cut });
      const error = await refusal(identifyPtau(ptau));
      expect(error, `${cut} bytes`).to.be.instanceOf(CheckError);
      expect(error.message).to.match(/cut short/);
    }
  });

  it("with bytes after their end are refused", async () => {
    const ptau = path("long.ptau");
    await copyFile(DEVELOPMENT_PTAU, ptau);
    await appendFile(ptau, "x");
    expect(await refusal(identifyPtau(ptau))).to.be.instanceOf(CheckError);
  });

  it("that are no such file are refused", async () => {
    for (const other of [given.circuit.r1cs, given.setup.transcriptFile, given.folder]) {
      expect(await refusal(identifyPtau(other)), other).to.be.instanceOf(InputError);
    }
    expect(await refusal(identifyPtau(path("nowhere")))).to.be.instanceOf(UnavailableError);
  });

  it("not prepared for phase 2 are refused with the command that prepares them", async () => {
    const error = await refusal(identifyPtau(given.unprepared));
    expect(error).to.be.instanceOf(InputError);
    expect((error as InputError).next).to.match(/prepare phase2/);
  });

  it("too few for the circuit are refused, by both numbers", async () => {
    const { ptau } = await makePtau(given.folder, 2);
    const error = await refusal(ensureSetup({ circuit: given.circuit, ptau, acceptUnknownPtau: true }));
    expect(error).to.be.instanceOf(InputError);
    expect(error.message).to.match(/expected 2\^3 or more for 2 constraints, got "2\^2/);
  });

  it("are enough for as many constraints as fit beside the public signals", () => {
    const power = (constraints: number): number => powerNeeded({ constraints, publicSignals: 4, wires: 0 });
    expect(power(4091)).to.equal(12);
    expect(power(4092)).to.equal(13);
  });
});
