import { getAddress } from "ethers";
import { abiOf } from "../../chain/artifacts.ts";
import { contractOf, type Deployment } from "../../chain/deployment.ts";
import { logsOf } from "../../chain/logs.ts";
import { roleHolders } from "../../chain/roles.ts";
import { verifyDeployment } from "../../chain/verify.ts";
import { ProofXError, UnavailableError } from "../../core/errors.ts";
import type { ChainView } from "../probes/index.ts";
import type { ReportSection } from "./report.ts";

const GOVERNED = ["verifier", "registry", "timelock"] as const;

/** The deployment against the source and its settings, and who holds which role. */
export function contractAudit(chain: ChainView): Promise<ReportSection> {
  const { provider, deployment } = chain;
  return attempt("Contract audit", async () => {
    const compared = await chain.ask(() => verifyDeployment(provider, deployment));
    const newest = (await chain.head()).number;
    const planned = plannedHolders(deployment);
    const holders = await Promise.all(
      GOVERNED.map(async (name) => {
        const { address, blockNumber } = contractOf(deployment, name);
        const held = await chain.ask(() => roleHolders(provider, address, blockNumber, newest));
        return held.map(({ role, account }) => ({
          name: `${name}: ${role}`,
          value: planned.has(getAddress(account)) ? account : `${account}, granted later`,
        }));
      }),
    );
    const wrong = compared.filter(({ ok }) => !ok);
    return {
      facts: [
        { name: "comparisons", value: `${compared.length}, ${wrong.length} differ` },
        ...holders.flat(),
      ],
      todo: wrong.map(({ name, expected, got }) => `${name}: expected ${expected}, got ${got}`),
    };
  });
}

/** Whom the deployment gave roles. */
function plannedHolders({ settings, contracts }: Deployment): ReadonlySet<string> {
  const { admin, guardians, signers, policyAdmins } = settings;
  const own = Object.values(contracts).map(({ address }) => address);
  return new Set([admin, ...guardians, ...signers, ...policyAdmins, ...own].map((each) => getAddress(each)));
}

/** How many attestations there were, by policy, and how many of them failed. @param seconds Back from the newest block. */
export function attestationFigures(chain: ChainView, seconds: number): Promise<ReportSection> {
  return attempt("Attestations", async () => {
    const head = await chain.head();
    const { address, blockNumber } = contractOf(chain.deployment, "verifier");
    const from = await blockAt(chain, blockNumber, head.number, head.timestamp - seconds);
    const abi = abiOf("ProofXVerifier");
    const topic = abi.getEvent("ProofVerified")?.topicHash ?? "";
    const policies = new Map<string, { verified: number; failed: number }>();
    const signers = new Set<string>();
    await chain.ask(async () => {
      for await (const log of logsOf(chain.provider, address, [topic], from, head.number)) {
        const event = abi.parseLog(log);
        if (event === null) continue;
        const { policyId, verified, signer } = event.args;
        const counted = policies.get(String(policyId)) ?? { verified: 0, failed: 0 };
        counted[verified === true ? "verified" : "failed"]++;
        policies.set(String(policyId), counted);
        signers.add(String(signer));
      }
    });
    const failed = [...policies.values()].reduce((sum, each) => sum + each.failed, 0);
    return {
      facts: [
        { name: "blocks", value: `${from} to ${head.number}` },
        { name: "signers", value: String(signers.size) },
        ...[...policies].map(([id, each]) => ({
          name: `policy ${id}`,
          value: `${each.verified} verified, ${each.failed} failed`,
        })),
      ],
      todo: failed === 0 ? [] : [`${failed} proofs failed: npx proofx runbook show ProofRejected`],
    };
  });
}

/** The first block that is not older than a time (unix, s). */
async function blockAt(chain: ChainView, first: number, last: number, time: number): Promise<number> {
  let [low, high] = [first, last];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const block = await chain.ask(() => chain.provider.getBlock(middle));
    if (block === null) throw new UnavailableError(`the nodes have no block ${middle}`);
    if (block.timestamp < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What the chain keeps from being known is something to do. */
async function attempt(
  title: string,
  read: () => Promise<Omit<ReportSection, "title">>,
): Promise<ReportSection> {
  try {
    return { title, ...(await read()) };
  } catch (error) {
    if (!(error instanceof ProofXError)) throw error;
    const todo = [`could not be looked at: ${error.message}`];
    return { title, facts: [], todo, missing: "Could not be looked at." };
  }
}
