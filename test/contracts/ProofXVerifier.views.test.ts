import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { MAX_U64 } from "../support/contracts/chain.ts";
import {
  type Anchored,
  anchorNext,
  OTHER_STREAM,
  reopenArguments,
  STREAM,
} from "../support/contracts/registry.ts";
import {
  AGENT,
  attest,
  deploySystem,
  makeItem,
  OTHER_AGENT,
  type System,
} from "../support/contracts/system.ts";

const MATURITY = 600;

describe("ProofXVerifier", () => {
  let system: System;
  let first: Anchored;
  let anchoredAt: bigint;
  beforeEach(async () => {
    system = await deploySystem({ maturityDelay: MATURITY });
    first = await anchorNext(system.registry, system.actors);
    anchoredAt = first.ref.matureAt - BigInt(MATURITY);
    await system.chain.time.increaseTo(first.ref.matureAt);
  });

  const attestFirst = async () => attest(system, await makeItem(system, first.ref));
  const compliant = (maxAge: bigint = MAX_U64, policyId = 1n, agentId = AGENT, streamId = STREAM) =>
    system.verifier.isCompliant(streamId, agentId, policyId, maxAge);
  const asAdmin = () => system.verifier.connect(system.actors.admin);

  context("isCompliant()", () => {
    it("is false without an attestation and true with one", async () => {
      expect(await compliant()).to.equal(false);
      await attestFirst();
      expect(await compliant()).to.equal(true);
    });

    it("is false for another agent, stream or policy", async () => {
      await attestFirst();
      expect(await compliant(MAX_U64, 1n, OTHER_AGENT)).to.equal(false);
      expect(await compliant(MAX_U64, 1n, AGENT, OTHER_STREAM)).to.equal(false);
      expect(await compliant(MAX_U64, 2n)).to.equal(false);
    });

    it("counts the age from the time of anchoring, to the second", async () => {
      const { chain } = system;
      await attestFirst();
      const later = anchoredAt + 5000n;
      await chain.time.increaseTo(later);
      expect(await compliant(5000n)).to.equal(true);
      expect(await compliant(4999n)).to.equal(false);
      expect(await compliant(0n)).to.equal(false);
    });

    it("takes a maximum age of 2^64 - 1 for no maximum", async () => {
      await attestFirst();
      await system.chain.time.increase(10 * 365 * 86_400);
      expect(await compliant(MAX_U64)).to.equal(true);
    });

    it("is false after an invalid proof only, whoever signed it", async () => {
      const tamper = () =>
        ({
          a: ["0", "0"],
          b: [
            ["0", "0"],
            ["0", "0"],
          ],
          c: ["0", "0"],
        }) as const;
      await attest(system, await makeItem(system, first.ref, { tamper }));
      expect(await compliant()).to.equal(false);
    });

    it("is false once the policy is retired", async () => {
      await attestFirst();
      await asAdmin().retirePolicy(1);
      expect(await compliant()).to.equal(false);
    });

    it("is false once the batch was cut", async () => {
      const { registry, actors } = system;
      await attestFirst();
      await registry.connect(actors.timelock).reopen(STREAM, ...reopenArguments([first], 0));
      expect(await compliant()).to.equal(false);
    });

    it("is false once the signer is distrusted from the second of the attestation or before", async () => {
      const { chain, actors } = system;
      await attestFirst();
      const attestedAt = await chain.time.latest();
      await chain.time.increase(100);
      await asAdmin().distrustSigner(actors.signer.address, attestedAt + 1);
      expect(await compliant()).to.equal(true);
      await asAdmin().distrustSigner(actors.signer.address, attestedAt);
      expect(await compliant()).to.equal(false);
    });

    it("is false once the circuit version is distrusted from the second of the attestation or before", async () => {
      const { chain } = system;
      await attestFirst();
      const attestedAt = await chain.time.latest();
      await chain.time.increase(100);
      await asAdmin().distrustCircuitVersion(1, attestedAt + 1);
      expect(await compliant()).to.equal(true);
      await asAdmin().distrustCircuitVersion(1, attestedAt);
      expect(await compliant()).to.equal(false);
    });

    it("carries over when the circuit version is superseded and is false when it is broken", async () => {
      await attestFirst();
      await asAdmin().retireCircuitVersion(1, false);
      expect(await compliant()).to.equal(true);
      await asAdmin().retireCircuitVersion(1, true);
      expect(await compliant()).to.equal(false);
    });

    it("stays true when the signer's role is revoked and while paused", async () => {
      const { verifier, actors } = system;
      await attestFirst();
      await asAdmin().revokeRole(await verifier.SIGNER_ROLE(), actors.signer.address);
      await verifier.connect(actors.guardian).pause();
      expect(await compliant()).to.equal(true);
    });
  });

  context("attestation()", () => {
    it("is empty and does not stand before the first", async () => {
      const { record, standing } = await system.verifier.attestation(STREAM, AGENT, 1);
      expect(record).to.deep.equal([ZeroAddress, 0n, 0n, 0n, 0n, 0n, 0n]);
      expect(standing).to.equal(false);
    });

    it("keeps showing a record that does not stand any more", async () => {
      await attestFirst();
      await asAdmin().retireCircuitVersion(1, true);
      const { record, standing } = await system.verifier.attestation(STREAM, AGENT, 1);
      expect([record.signer, record.batchIndex, standing]).to.deep.equal([
        system.actors.signer.address,
        1n,
        false,
      ]);
    });
  });
});
