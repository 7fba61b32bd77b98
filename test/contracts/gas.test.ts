import { expect } from "chai";
import { MAKE_REPORT, measureGas, readGasReport } from "../../bench/gas.ts";
import type { Measurement } from "../../bench/measurement.ts";

/** What the project promises, whatever the committed report says. */
const AIMS: Readonly<Record<string, number>> = {
  "attest, first of a subject": 360_000,
  "attestBatch of 16, verification of a proof": 62_000,
  "anchor, ring in use": 55_000,
  "ProofXVerifier, deployed code": 24_576,
};

describe("gas report", () => {
  let measured: Measurement;
  before(async () => {
    measured = await measureGas();
  });

  it("no figure is worse than in bench/gas.json", () => {
    const committed = new Map(readGasReport().rows.map(({ name, value }) => [name, value]));
    expect([...committed.keys()]).to.have.members(measured.rows.map(({ name }) => name));
    const worse = measured.rows
      .filter(({ name, value }) => value > (committed.get(name) ?? 0))
      .map(({ name, value }) => `${name}: ${value}, was ${committed.get(name)}`);
    expect(worse, `if that is meant: ${MAKE_REPORT}`).to.deep.equal([]);
  });

  it("the figures stay below what the project aims at", () => {
    for (const [name, aim] of Object.entries(AIMS)) {
      expect(measured.rows.find((row) => row.name === name)?.value, name).to.be.at.most(aim);
    }
  });

  it("two runs agree to the last unit", async () => {
    expect(await measureGas()).to.deep.equal(measured);
  });
});
