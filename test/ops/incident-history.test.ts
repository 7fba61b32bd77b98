import { expect } from "chai";
import { type Provider, zeroPadValue } from "ethers";
import { abiOf } from "../../src/chain/artifacts.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import { subjectOf } from "../../src/core/facts/index.ts";
import { verdicts } from "../../src/ops/incidents/history.ts";

const SIGNER = "0x00000000000000000000000000000000000000a1";
const THIEF = "0x00000000000000000000000000000000000000b2";
const STREAM = `0x${"5a".repeat(32)}`;
const AGENT = `0x${"a9".repeat(16)}`;
const CONTRACT = { address: zeroPadValue("0xc0", 20), blockNumber: 1 };
const deployment = { contracts: { verifier: CONTRACT } } as unknown as Deployment;

/** One verdict whose transaction carries `data`, whoever was called with it. */
function node__Double(data: string): Provider {
  const abi = abiOf("ProofXVerifier");
  const subject = subjectOf(STREAM, AGENT);
  const log = abi.encodeEventLog("ProofVerified", [SIGNER, subject, 1n, true, 1n, 1n]);
  const hash = `0x${"77".repeat(32)}`;
  return {
    getBlockNumber: async () => 5,
    getLogs: async () => [{ ...log, blockNumber: 3, transactionHash: hash }],
    getTransaction: async () => ({ data, value: 0n, from: THIEF, to: THIEF }),
    getBlock: async () => ({ timestamp: 1_700_000_000 }),
  } as unknown as Provider;
}

describe("the history an incident is answered from", () => {
  const selectors = ["attest", "attestBatch"].map(
    (name) => abiOf("ProofXVerifier").getFunction(name)?.selector,
  );

  for (const selector of selectors) {
    it(`is read to its end past a thief's own contract that is called with a torn ${selector}`, async () => {
      for (const rest of ["", "00", "ff".repeat(32), "ff".repeat(4_000)]) {
        const [verdict] = await verdicts(node__Double(`${selector}${rest}`), deployment, { signer: SIGNER });
        expect(verdict?.sender, rest.slice(0, 8)).to.equal(THIEF);
        expect(verdict?.agent).to.equal(undefined);
      }
    });
  }
});
