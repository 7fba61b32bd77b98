import { expect } from "chai";
import { SCALAR_ORDER } from "../../../src/core/bn254.ts";
import { InputError } from "../../../src/core/errors.ts";
import { contextOf, subjectOf } from "../../../src/core/facts/index.ts";

const stream = `0x${"11".repeat(32)}`;
const agent = `0x${"22".repeat(16)}`;
const context = {
  chainId: 1n,
  verifier: `0x${"33".repeat(20)}`,
  circuitVersion: 1,
  submitter: `0x${"44".repeat(20)}`,
  deadline: 5n,
};

describe("subject", () => {
  it("differs for the same agent in another stream", () => {
    expect(subjectOf(stream, agent)).to.not.equal(subjectOf(`0x${"12".repeat(32)}`, agent));
  });

  it("does not depend on the case of the hex", () => {
    const lower = `0x${"ab".repeat(16)}`;
    expect(subjectOf(stream, lower)).to.equal(subjectOf(stream, `0x${"AB".repeat(16)}`));
  });

  it("refuses ids of another length or form", () => {
    expect(() => subjectOf("0x11", agent)).to.throw(InputError, /32 bytes/);
    expect(() => subjectOf(stream, "550e8400-e29b-41d4-a716-446655440000")).to.throw(InputError, /16 bytes/);
  });
});

describe("context", () => {
  it("changes with each of its parts and stays a field element", () => {
    const all = [
      context,
      { ...context, chainId: 2n },
      { ...context, verifier: context.submitter },
      { ...context, circuitVersion: 2 },
      { ...context, submitter: context.verifier },
      { ...context, deadline: 6n },
    ].map(contextOf);
    expect(new Set(all).size).to.equal(all.length);
    expect(all.every((value) => value < SCALAR_ORDER)).to.equal(true);
  });

  it("takes checksummed addresses as the same", () => {
    const lower = { ...context, verifier: "0x55649e01b5df198d18d95b5cc5051630cfd45564" };
    const mixed = { ...context, verifier: "0x55649E01B5Df198D18D95b5cc5051630cfD45564" };
    expect(contextOf(mixed)).to.equal(contextOf(lower));
  });

  it("refuses parts that the contract could not encode", () => {
    const refused = [
      { verifier: "0x33" },
      { submitter: "vitalik.eth" },
      { chainId: -1n },
      { circuitVersion: 2 ** 32 },
      { circuitVersion: -1 },
      { deadline: 2n ** 64n },
    ];
    for (const part of refused) expect(() => contextOf({ ...context, ...part })).to.throw(InputError);
  });
});
