import type { Block, Log, Provider } from "ethers";
import { abiOf } from "../../../chain/artifacts.ts";
import { contractOf, type Deployment } from "../../../chain/deployment.ts";
import { logsOf } from "../../../chain/logs.ts";
import { roleName } from "../../../chain/roles.ts";
import { UnavailableError } from "../../../core/errors.ts";
import type { Moment } from "./timeline.ts";

const WATCHED = {
  verifier: "ProofXVerifier",
  registry: "AnchorRegistry",
  timelock: "TimelockController",
} as const;
/** How far a chain's clock may be ahead of ours. */
const CLOCK_SKEW_MS = 60_000;
/** What happens all day: told as a count. */
const USUAL = new Set(["ProofVerified", "BatchAnchored"]);

/**
 * What the contracts' events say of a period: every act on roles, pauses, versions, streams and the timelock, by name.
 *
 * @throws UnavailableError when the node does not answer.
 */
export async function chainMoments(
  provider: Provider,
  deployment: Deployment,
  period: { readonly since: Date; readonly until: Date },
): Promise<Moment[]> {
  const newest = await block(provider, "latest");
  const first = await blockAt(provider, period.since, newest);
  const last = await blockAt(provider, new Date(period.until.getTime() + CLOCK_SKEW_MS), newest);
  const moments: Moment[] = [];
  const usual = new Map<string, number>();
  for (const [role, name] of Object.entries(WATCHED) as [
    keyof typeof WATCHED,
    (typeof WATCHED)[keyof typeof WATCHED],
  ][]) {
    const { address } = contractOf(deployment, role);
    const abi = abiOf(name);
    for await (const log of logsOf(provider, address, [], first, last)) {
      const parsed = abi.parseLog(log);
      const event = parsed?.name ?? "an event that the ABI does not have";
      if (USUAL.has(event) && !(event === "ProofVerified" && parsed?.args.verified === false)) {
        usual.set(`${name} ${event}`, (usual.get(`${name} ${event}`) ?? 0) + 1);
        continue;
      }
      const given =
        parsed?.fragment.inputs.map((input, i) => `${input.name} ${shown(input.name, parsed.args[i])}`) ?? [];
      moments.push({
        at: await timeOf(provider, log),
        source: "chain",
        what: `${name} ${event}: ${given.join(", ")}; ${log.transactionHash}`,
      });
    }
  }
  for (const [event, count] of usual)
    moments.push({
      at: period.until.toISOString(),
      source: "chain",
      what: `${event}: ${count} times in blocks ${first} to ${last}`,
    });
  return moments;
}

async function timeOf(provider: Provider, { blockNumber }: Log): Promise<string> {
  return new Date((await block(provider, blockNumber)).timestamp * 1000).toISOString();
}

/** The first block at or after a time; the newest when there is none. */
async function blockAt(provider: Provider, time: Date, newest: Block): Promise<number> {
  const wanted = Math.floor(time.getTime() / 1000);
  let [low, high] = [0, newest.number];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await block(provider, middle)).timestamp < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function block(provider: Provider, which: number | "latest"): Promise<Block> {
  const found = await provider.getBlock(which);
  if (found === null) throw new UnavailableError(`the node does not have block ${which}`);
  return found;
}

function shown(name: string, value: unknown): string {
  if (/[rR]ole$/.test(name) && typeof value === "string") return roleName(value);
  const text = String(value);
  return text.length > 66 ? `${text.slice(0, 63)}...` : text;
}
