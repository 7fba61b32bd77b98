import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT } from "../../../src/core/errors.ts";
import { PATHS, type StoryStep } from "../context.ts";
import { proveOptions } from "./prove.ts";

interface VerdictJson {
  readonly verified: boolean;
  readonly transactionHash: string;
}

interface RefusalJson {
  readonly message: string;
}

export const tamper: StoryStep = {
  id: "tamper",
  title: "A tampered proof is refused before it costs gas; sent all the same, it is recorded as failed",
  expected: { first: 3, again: 3 },
  code: [
    "contracts/interfaces/IProofXVerifier.sol",
    "tasks/attestation/attest.ts",
    "contracts/libraries/StipendCall.sol",
  ],
  async run({ task, facts }) {
    const honest = join(PATHS.work, "large-payment.proof.json");
    const tampered = join(PATHS.work, "tampered.proof.json");
    await task(["prove"], proveOptions(facts, "large-payment", "payment-cap", honest));
    tamperWith(honest, facts.proofFiles.balance ?? "", tampered);

    const send = { network: "story", signer: "signer", key: "submitter" };
    const refused = await task<RefusalJson>(["attest"], { ...send, proof: tampered }, EXIT.failed);
    const recorded = await task<VerdictJson>(
      ["attest"],
      { ...send, proof: tampered, "send-invalid": true },
      EXIT.failed,
    );
    const accepted = await task<VerdictJson>(["attest"], { ...send, proof: honest });
    facts.tampered = { verified: recorded.verified, honestAfterwards: accepted.verified };
    return {
      result:
        "Recorded as failed, and changed nothing else: the honest proof of the same event was attested after it",
      inputs: { tampered: "point A of another proof put in its place", policy: "payment-cap" },
      outputs: {
        "the task says": refused.message,
        "the chain recorded": recorded,
        "the honest proof afterwards": accepted,
      },
    };
  },
};

/** Each point is on its curve; together they prove nothing. */
function tamperWith(honest: string, other: string, out: string): void {
  const read = (path: string) => JSON.parse(readFileSync(path, "utf8")) as { proof: { a: unknown } };
  const proof = read(honest);
  proof.proof.a = read(other).proof.a;
  writeFileSync(out, JSON.stringify(proof));
}
