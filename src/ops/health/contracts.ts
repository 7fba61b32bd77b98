import { getAddress } from "ethers";
import { type ContractRole, contractOf } from "../../chain/deployment.ts";
import { implementationOf, runsCode } from "../../chain/verify.ts";
import { CheckError } from "../../core/errors.ts";
import type { Finding } from "../alerts/finding.ts";
import { lookAt } from "../probes/finding.ts";
import type { ChainView } from "../probes/index.ts";

/** Whether each contract of a deployment is there with the code that it compiles to here, and which implementation runs. */
export async function lookAtContracts(chain: ChainView): Promise<Finding[]> {
  const { deployment, provider } = chain;
  const roles = Object.keys(deployment.contracts) as ContractRole[];
  const codes = await Promise.all(
    roles.map((role) =>
      lookAt(role, async () => {
        const { address, artifact, libraries } = contractOf(deployment, role);
        const same = await chain.ask(() => runsCode(provider, address, artifact, libraries));
        const state = same ? "runs what it compiles to here" : "does NOT run what it compiles to here";
        return { breached: !same, summary: `${role} (${artifact}) at ${address} ${state}` };
      }),
    ),
  );
  return [...codes, await lookAtImplementation(chain)];
}

/** An implementation that no record knows was not brought in by our upgrades. */
function lookAtImplementation({ ask, deployment, provider }: ChainView): Promise<Finding> {
  return lookAt("implementation", async () => {
    const runs = await ask(() => implementationOf(provider, contractOf(deployment, "verifier").address));
    const later = Object.entries(deployment.later ?? {});
    const known = [
      ["verifierImplementation", contractOf(deployment, "verifierImplementation")] as const,
      ...later,
    ].find(([, record]) => getAddress(record?.address ?? "") === runs);
    if (known === undefined)
      return {
        breached: true,
        summary: `the verifier runs ${runs}, which the deployment file does not know`,
      };
    return { breached: false, summary: `the verifier runs ${known[0]} at ${runs}` };
  });
}

/** The newest agreed block. @param mostAge Seconds, beyond which a public chain stands still. */
export function lookAtHead(chain: ChainView, mostAge: number, now: number): Promise<Finding> {
  return lookAt("head", async () => {
    const { number, timestamp } = await chain.head();
    if (number === 0) throw new CheckError("the chain has but its first block");
    const age = Math.round(now / 1000) - timestamp;
    const development = chain.deployment.chainId === "31337";
    return {
      breached: age > mostAge && !development,
      summary: `chain ${chain.deployment.chainId} is at block ${number}, ${Math.max(0, age)} s old`,
      value: number,
    };
  });
}
