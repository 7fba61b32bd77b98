import { getAddress, type Provider } from "ethers";
import { UnavailableError } from "../../core/errors.ts";
import { abiOf } from "../artifacts.ts";
import { type Call, makeCall } from "../call.ts";
import { type Sender, TIMELOCK } from "../change.ts";
import { type Contracts, connect } from "../contracts.ts";
import { contractOf, type Deployment } from "../deployment.ts";
import { roleHash } from "../roles.ts";

/** Where a change is made: the node to read from, and the deployment it serves. */
export interface ChangeContext {
  readonly provider: Provider;
  readonly deployment: Deployment;
}

/** The contracts that keep roles. */
export type GovernedContract = "verifier" | "registry" | "timelock";

/** Whose ABI each speaks. */
export const ABI_NAMES = {
  verifier: "ProofXVerifier",
  registry: "AnchorRegistry",
  timelock: "TimelockController",
} as const;

/** Clients of the context's contracts, reading from `provider`. */
export function contractsOf({ deployment }: ChangeContext, provider: Provider): Contracts {
  return connect(deployment, provider);
}

/** Address of a contract, checksummed. */
export function addressOf({ deployment }: ChangeContext, contract: GovernedContract): string {
  return getAddress(contractOf(deployment, contract).address);
}

/** A call of one of the deployment's contracts. */
export function callOf(
  context: ChangeContext,
  contract: GovernedContract,
  method: string,
  values: readonly unknown[],
  description: string,
): Call {
  return makeCall(abiOf(ABI_NAMES[contract]), addressOf(context, contract), method, values, description);
}

/** The default admin, asked of the contract itself: transfers do not wait for the deployment file. */
export async function adminSender(
  context: ChangeContext,
  contract: "verifier" | "registry",
): Promise<Sender> {
  const admin = await contractsOf(context, context.provider)[contract].defaultAdmin();
  return { as: "default admin", accounts: [admin], allows: async (account) => same(account, admin) };
}

/** The timelock itself: such a call is scheduled, waits, and is executed. */
export function timelockSender(context: ChangeContext): Sender {
  const timelock = addressOf(context, "timelock");
  return { as: TIMELOCK, accounts: [timelock], allows: async (account) => same(account, timelock) };
}

/**
 * Holders of a role.
 *
 * @param candidates Who may hold it, most expected first; asked one by one, so that no logs need to be searched.
 */
export async function roleSender(
  context: ChangeContext,
  contract: GovernedContract,
  role: string,
  candidates: readonly string[],
): Promise<Sender> {
  const holds = (account: string) => holdsRole(context, context.provider, contract, role, account);
  const distinct = [...new Set(candidates.map((candidate) => getAddress(candidate)))];
  const held = await Promise.all(distinct.map(holds));
  return { as: role, accounts: distinct.filter((_, index) => held[index]), allows: holds };
}

/** Whether an account holds a role, by the role's name. */
export function holdsRole(
  context: ChangeContext,
  provider: Provider,
  contract: GovernedContract,
  role: string,
  account: string,
): Promise<boolean> {
  return contractsOf(context, provider)[contract].hasRole(roleHash(role), account);
}

/** Several kinds of sender for one call. */
export function anyOf(as: string, ...senders: readonly Sender[]): Sender {
  return {
    as,
    accounts: [...new Set(senders.flatMap(({ accounts }) => accounts))],
    allows: async (account) => {
      for (const sender of senders) if (await sender.allows(account)) return true;
      return false;
    },
  };
}

/** Last second that a JavaScript date can hold. */
const LAST_DATE = 8_640_000_000_000n;

/** A unix time (s) for a reader. */
export function timeText(seconds: bigint): string {
  if (seconds > LAST_DATE) return `${seconds} s after 1970`;
  return new Date(Number(seconds) * 1000).toISOString();
}

/** Code that answers with its block's timestamp. */
const TIMESTAMP_CODE = "0x4260005260206000f3";

/**
 * The time (unix s) the next block will have, as far as the node can tell. A development chain that nobody used for an
 * hour has an hour-old newest block, so code is run in the block being made; a node without one has the newest.
 */
export async function chainTime(provider: Provider): Promise<bigint> {
  const [latest, pending] = await Promise.all([
    provider.getBlock("latest"),
    provider.call({ data: TIMESTAMP_CODE, blockTag: "pending" }).catch(() => "0x"),
  ]);
  if (latest === null) throw new UnavailableError("the node has no newest block");
  const next = pending.length === 66 ? BigInt(pending) : 0n;
  return next > BigInt(latest.timestamp) ? next : BigInt(latest.timestamp);
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
