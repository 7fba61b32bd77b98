import type { StoryStep } from "../context.ts";
import { CLAIMS } from "./prove.ts";

interface AttestJson {
  readonly transactionHash: string;
  readonly gasUsed: string;
}

interface AttestationJson {
  readonly compliant: boolean;
  readonly subject: string;
}

export const attest: StoryStep = {
  id: "attest",
  title: "A signer vouches, a submitter sends, the chain attests",
  expected: { first: 1, again: 1 },
  code: [
    "tasks/attestation/attest.ts",
    "contracts/compliance/ProofXVerifier.sol",
    "contracts/compliance/Groth16Verifier.sol",
  ],
  async run({ task, facts }) {
    const [first, ...others] = CLAIMS.map(({ act }) => facts.proofFiles[act] ?? "");
    const send = (proof: string) =>
      task<AttestJson>(["attest"], { network: "story", proof, signer: "signer", key: "submitter" });
    const single = await send(first ?? "");
    const batch = await send(others.join(","));
    facts.batchAttestation = batch.transactionHash;
    const shown = await Promise.all(
      CLAIMS.map(({ act, policy }) =>
        task<AttestationJson>(["attestation"], {
          network: "story",
          stream: facts.streamId,
          agent: facts.events[act]?.agentId ?? "",
          policy: facts.policies[policy] ?? "",
        }),
      ),
    );
    const compliant = Object.fromEntries(
      CLAIMS.map(({ act, policy }, index) => [`${act} for ${policy}`, shown[index]?.compliant === true]),
    );
    facts.compliant = compliant;
    return {
      result: `${CLAIMS.length} attestations stand: one sent alone (${single.gasUsed} gas), two in one transaction`,
      inputs: { signer: facts.accounts.signer, submitter: facts.accounts.submitter },
      outputs: {
        "attest, transaction": single.transactionHash,
        "attestBatch, transaction": batch.transactionHash,
        compliant,
      },
    };
  },
};
