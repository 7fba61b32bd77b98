import { InputError } from "../../core/errors.ts";
import { type Change, exactly, makeChange } from "../change.ts";
import { adminSender, anyOf, type ChangeContext, callOf, contractsOf, roleSender } from "./context.ts";

/** Retires a policy for good: its attestations answer false from then on. */
export async function retirePolicy(context: ChangeContext, policyId: bigint): Promise<Change> {
  const count = await contractsOf(context, context.provider).verifier.policyCount();
  if (policyId < 1n || policyId > count) {
    throw InputError.expected("policy", `an id from 1 to ${count}`, policyId, "npx hardhat policy list");
  }
  const { policyAdmins } = context.deployment.settings;
  const sender = anyOf(
    "POLICY_ROLE or default admin",
    await roleSender(context, "verifier", "POLICY_ROLE", policyAdmins),
    await adminSender(context, "verifier"),
  );
  const call = callOf(context, "verifier", "retirePolicy", [policyId], `Retire policy ${policyId} for good`);
  return makeChange(context.provider, call, sender, [
    exactly(`policy ${policyId}`, "retired", async (now) => {
      const { active } = await contractsOf(context, now).verifier.policy(policyId);
      return active ? "active" : "retired";
    }),
  ]);
}
