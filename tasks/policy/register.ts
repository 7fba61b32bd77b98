import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { abiOf } from "../../src/chain/artifacts.ts";
import { makeCall } from "../../src/chain/call.ts";
import { contractOf, type Deployment } from "../../src/chain/deployment.ts";
import { CheckError } from "../../src/core/errors.ts";
import { policyHash } from "../../src/core/facts/index.ts";
import { type ActArguments, act } from "../support/act.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { formatCategories } from "../support/values.ts";
import { readPolicyFile } from "./file.ts";

export interface RegisterArguments extends ActArguments {
  readonly policy: string | undefined;
}

/** Registers a policy and compares the hash the contract computed with our own. */
export async function registerPolicy(
  args: RegisterArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const session = await openDeployedSession(hre);
  const policy = readPolicyFile(
    required("policy", args.policy, "a policy file, e.g. config/policies/aml-threshold.toml"),
  );
  const description =
    `Register policy ${policy.lower} <= [${policy.weights.join(", ")}] * amounts <= ${policy.upper}, ` +
    `categories ${formatCategories(policy.categoryMask)}`;
  const verifier = contractOf(session.deployment, "verifier").address;
  const call = makeCall(abiOf("ProofXVerifier"), verifier, "registerPolicy", [policy], description);
  const outcome = await act(session, call, policyAdmin(session.deployment), args, io);
  if (outcome.status !== "sent") return outcome.result;

  const event = session.contracts.verifier.interface;
  const log = outcome.receipt.logs
    .map((entry) => event.parseLog(entry))
    .find((entry) => entry?.name === "PolicyRegistered");
  if (log == null) throw new CheckError("the transaction left no PolicyRegistered event");
  const expected = policyHash(policy);
  if (log.args.policyHash !== expected) {
    throw new CheckError(`policy hash: expected ${expected}, got ${log.args.policyHash} from the contract`);
  }
  const policyId = log.args.policyId as bigint;
  return {
    data: { status: "sent", policyId, policyHash: expected, transactionHash: outcome.receipt.hash },
    lines: [
      `Policy ${policyId} is registered`,
      `  hash ${expected}`,
      `  transaction ${outcome.receipt.hash}`,
    ],
  };
}

function policyAdmin({ settings }: Deployment): string {
  return settings.policyAdmins[0] ?? settings.admin;
}

export default action(registerPolicy);
