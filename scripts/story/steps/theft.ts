import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { JsonRpcProvider } from "ethers";
import { EXIT } from "../../../src/core/errors.ts";
import { PATHS, type StoryStep } from "../context.ts";
import { fallenOf, type IncidentJson } from "../incident.ts";
import { beginWatch } from "./watch.ts";

interface VerdictJson {
  readonly verified: boolean;
}

export const theft: StoryStep = {
  id: "theft",
  title: "Incident A: the signer's key is stolen; revoke, distrust, a new key, go on",
  expected: { first: 5, again: 5 },
  code: [
    "src/ops/incidents/signer-compromise.ts",
    "tasks/incident/signer-compromise.ts",
    "docs/incidents.md",
  ],
  async run(context) {
    const { task, facts, rpcUrl } = context;
    facts.watcher = await beginWatch(context);
    const since = await blockOf(rpcUrl, facts.batchAttestation);
    // The thief has no facts to prove anything with: an honest proof under another policy's name is recorded as failed,
    // which is the symptom.
    const stolen = join(PATHS.work, "stolen.proof.json");
    const proof = JSON.parse(readFileSync(facts.proofFiles.order ?? "", "utf8"));
    proof.claim.submitter = facts.accounts.thief;
    proof.claim.policyId = facts.policies["payment-cap"];
    writeFileSync(stolen, JSON.stringify(proof));
    const send = { network: "story", signer: "signer", "send-invalid": true } as const;
    const recorded = await task<VerdictJson>(
      ["attest"],
      { ...send, proof: stolen, key: "thief" },
      EXIT.failed,
    );

    const answered = await task<IncidentJson>(["incident", "signer-compromise"], {
      network: "story",
      signer: facts.accounts.signer ?? "",
      "known-senders": facts.accounts.submitter ?? "",
      "since-block": String(since),
      "new-key": "signer-2",
      key: "admin",
    });
    const fallen = fallenOf(answered);
    // One operator proves again at once; the proof is the same, the signer is new. The other one is still asleep.
    const order = {
      network: "story",
      proof: facts.proofFiles.order ?? "",
      signer: "signer-2",
      key: "submitter",
    };
    const again = await task<VerdictJson>(["attest"], order);
    facts.theft = {
      verified: recorded.verified,
      status: answered.status,
      fallen: fallen.length,
      again: again.verified,
    };
    return {
      result: `The stolen key vouches for nothing any more; ${fallen.length} attestations fell, one is proved again already`,
      inputs: {
        "stolen key": facts.accounts.signer,
        "seen from": facts.accounts.thief,
        "doubted since block": since,
      },
      outputs: {
        steps: answered.steps.map(({ title }) => title),
        "have to prove again": fallen.map(({ agent }) => agent),
      },
    };
  },
};

async function blockOf(rpcUrl: string, transaction: string): Promise<number> {
  const provider = new JsonRpcProvider(rpcUrl);
  try {
    return (await provider.getTransactionReceipt(transaction))?.blockNumber ?? 0;
  } finally {
    provider.destroy();
  }
}
