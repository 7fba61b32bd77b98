import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import lockfile from "proper-lockfile";
import { RefusedError } from "../core/errors.ts";
import { type Deployment, deploymentPath, requireDeployment, saveDeployment } from "./deployment.ts";
import type { Chain } from "./network.ts";

/** How long to wait for whoever holds the lock: long enough for that of a killed process to be given up. */
const PATIENCE = { retries: 14, factor: 1, minTimeout: 1_000, maxTimeout: 1_000 };

/**
 * Does something while no other process deploys to the network: two deployments at once would make two sets of
 * contracts. The lock of a killed process is given up after ten seconds.
 *
 * @param patient Waits for up to 14 seconds, for what has to go on after a crash of its own.
 * @throws RefusedError while another process holds it.
 */
export async function withDeploymentLock<T>(
  network: string,
  work: () => Promise<T>,
  { patient = false } = {},
): Promise<T> {
  const path = deploymentPath(network);
  mkdirSync(dirname(path), { recursive: true });
  const unlock = await lockfile
    .lock(path, { realpath: false, stale: 10_000, update: 3_000, retries: patient ? PATIENCE : 0 })
    .catch((cause: unknown): never => {
      throw new RefusedError(`another deployment to ${network} is running`, {
        cause,
        next: "wait until it is done; after a crash, ten seconds",
      });
    });
  try {
    return await work();
  } finally {
    await unlock();
  }
}

/**
 * Changes a finished deployment's file. It is read anew under the lock: what another process noted meanwhile stays.
 *
 * @param change Alters what it is given; returns whether there is anything to save.
 */
export function updateDeployment(chain: Chain, change: (deployment: Deployment) => boolean): Promise<void> {
  const save = async (): Promise<void> => {
    const deployment = requireDeployment(chain);
    if (change(deployment)) saveDeployment(deployment);
  };
  return withDeploymentLock(chain.network, save, { patient: true });
}
