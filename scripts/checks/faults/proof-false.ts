import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Fault } from "../runbook/fault.ts";
import { ROOT } from "../support/process.ts";

const PROOF = "build/story/work/payment.proof.json";
const OTHER = "build/story/work/balance.proof.json";
const FALSE_PROOF = "build/runbooks/false.proof.json";
const HOUR = 3_600;

interface Claimed {
  readonly claim: { readonly policyId: string; readonly deadline: string };
}

export const fault: Fault = {
  what: "the signer vouches for what the proof does not prove",
  async inject(stage) {
    writeFileSync(join(ROOT, FALSE_PROOF), claimAnotherPolicy());
    const sent = await stage.sh(
      `npx hardhat attest --network "$NETWORK" --proof ${FALSE_PROOF} --signer signer --key submitter --send-invalid --json 2> /dev/null || [ $? = 1 ]`,
    );
    const { transactionHash } = JSON.parse(sent.slice(sent.indexOf("{"))) as { transactionHash: string };
    return { TRANSACTION: transactionHash };
  },
};

/** An honest proof of one policy, as if it were of another one. */
function claimAnotherPolicy(): string {
  const read = (path: string) => JSON.parse(readFileSync(join(ROOT, path), "utf8")) as Claimed;
  const honest = read(PROOF);
  const deadline = String(Math.floor(Date.now() / 1000) + HOUR);
  return JSON.stringify({
    ...honest,
    claim: { ...honest.claim, policyId: read(OTHER).claim.policyId, deadline },
  });
}
