import { type Deployment, findDeployment, saveDeployment } from "../../src/chain/deployment.ts";
import { InputError } from "../../src/core/errors.ts";
import { policyHasher } from "./0010-policy-hasher.ts";
import { timelock } from "./0020-timelock.ts";
import { registry } from "./0030-registry.ts";
import { circuitVerifier } from "./0040-circuit-verifier.ts";
import { verifierImplementation } from "./0050-verifier-implementation.ts";
import { verifierProxy } from "./0060-verifier-proxy.ts";
import { handover } from "./0070-handover.ts";
import type { DeployContext, DeployStep } from "./step.ts";

export const STEPS: readonly DeployStep[] = [
  policyHasher,
  timelock,
  registry,
  circuitVerifier,
  verifierImplementation,
  verifierProxy,
  handover,
];

/** Runs every step in order; finished ones answer at once, so an interrupted deployment is simply run again. */
export async function runDeploy(
  context: DeployContext,
  onStep: (step: DeployStep, result: string) => void,
): Promise<Deployment> {
  for (const step of STEPS) onStep(step, await step.main(context));
  return context.deployment;
}

/**
 * The deployment to go on with, or a new one, saved before anything is sent.
 *
 * @throws InputError when an unfinished deployment was begun with other settings, setup or deployer.
 */
export function openDeployment(fresh: Deployment, chain: DeployContext["chain"]): Deployment {
  const found = findDeployment(chain);
  if (found === undefined) {
    saveDeployment(fresh);
    return fresh;
  }
  for (const field of ["deployer", "settings", "setup"] as const) {
    if (JSON.stringify(found[field]) !== JSON.stringify(fresh[field])) {
      throw new InputError(
        `deployments/${chain.network}.json: expected the ${field} it was begun with ` +
          `(${JSON.stringify(found[field])}), got ${JSON.stringify(fresh[field])}`,
        { next: "run deploy with the same config, setup and key, or deploy to a network of another name" },
      );
    }
  }
  return found;
}
