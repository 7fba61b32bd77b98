import type { Stage } from "./stage.ts";

/** Registers the policy of a file; gives its id. */
export async function registerPolicy(stage: Stage, file: string): Promise<string> {
  const answer = await stage.sh(
    `npx hardhat policy register --network "$NETWORK" --policy ${file} --key policy-admin --json 2> /dev/null`,
  );
  const { policyId } = JSON.parse(answer.slice(answer.indexOf("{"))) as { policyId: string };
  return String(policyId);
}
