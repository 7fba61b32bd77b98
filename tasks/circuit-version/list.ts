import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { readCircuitVersions } from "../../src/chain/changes/index.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, type TaskResult } from "../support/task.ts";

/** Lists every circuit version ever added. */
export async function listVersions(_args: object, hre: HardhatRuntimeEnvironment): Promise<TaskResult> {
  const { provider, deployment, chain } = await openDeployedSession(hre);
  const versions = await readCircuitVersions({ provider, deployment });
  const lines = versions.map(({ version, circuitVerifier, status, distrustedSince }) => {
    const since =
      distrustedSince === undefined ? "" : `, distrusted since unix time ${String(distrustedSince)}`;
    return `${String(version).padStart(4)}  ${status.padEnd(10)}  ${circuitVerifier}${since}`;
  });
  return { data: { network: chain.network, versions }, lines };
}

export default action(listVersions);
