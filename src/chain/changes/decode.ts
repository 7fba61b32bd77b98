import type { Result, TransactionDescription } from "ethers";
import { CheckError } from "../../core/errors.ts";
import { abiOf } from "../artifacts.ts";
import type { Call } from "../call.ts";
import type { Change } from "../change.ts";
import { roleName } from "../roles.ts";
import { activateCircuitVersion } from "./circuit-versions.ts";
import { ABI_NAMES, addressOf, type ChangeContext, type GovernedContract } from "./context.ts";
import { GRANTABLE_ROLES, type GrantableRole, grantRole, revokeRole } from "./roles.ts";
import { reopenStep } from "./streams.ts";
import { upgradeChange } from "./upgrades.ts";

/** Where a call goes and what it carries, as the timelock keeps it. */
export interface RawCall {
  readonly to: string;
  /** 0x hex. */
  readonly data: string;
}

/** A raw call as a reader should see it; one to a contract or method that is not ours keeps its bytes. */
export function decodeCall(context: ChangeContext, { to, data }: RawCall): Call {
  const contract = contractAt(context, to);
  const parsed = parse(contract, data);
  if (contract === undefined || parsed === null) {
    return {
      to,
      data,
      signature: data.slice(0, 10),
      args: { data },
      description: `Call ${data.slice(0, 10)} of ${to}`,
    };
  }
  const { fragment, signature, args } = parsed;
  const named = fragment.inputs.map(({ name }, index): [string, unknown] => [
    name,
    readable(name, args[index]),
  ]);
  return {
    to,
    data,
    signature,
    args: Object.fromEntries(named),
    description: `${contract}.${fragment.name}(${named.map(([name, value]) => `${name} = ${String(value)}`).join(", ")})`,
  };
}

/**
 * The change a raw call makes, built anew from the chain as it is; undefined for a call that no builder makes.
 *
 * @throws CheckError when the same change would be another call today: the scheduled one is stale.
 */
export async function decodeChange(context: ChangeContext, raw: RawCall): Promise<Change | undefined> {
  const change = await rebuild(context, raw);
  if (change === undefined || change.call.data === raw.data) return change;
  throw new CheckError(
    `${decodeCall(context, raw).description} is stale: the chain has changed since it was scheduled`,
    { next: "cancel it (npx hardhat upgrade cancel --help) and schedule it anew" },
  );
}

async function rebuild(context: ChangeContext, { to, data }: RawCall): Promise<Change | undefined> {
  const parsed = parse(contractAt(context, to), data);
  if (parsed === null) return undefined;
  const { args } = parsed;
  switch (parsed.name) {
    case "grantRole":
    case "revokeRole":
      return roleChange(context, parsed.name, args);
    case "upgradeToAndCall":
      return upgradeChange(context, args[0], args[1]);
    case "activateCircuitVersion":
      return activateCircuitVersion(context, Number(args[0]));
    case "reopen":
      return reopenStep(context, args[0], args[1], args[4].length);
    default:
      return undefined;
  }
}

/** Null for what is no call of ours, or carries bytes that only the chain reads: who hides a call so must not end a list. */
function parse(contract: GovernedContract | undefined, data: string): TransactionDescription | null {
  try {
    return contract === undefined ? null : abiOf(ABI_NAMES[contract]).parseTransaction({ data });
  } catch {
    return null;
  }
}

async function roleChange(
  context: ChangeContext,
  method: "grantRole" | "revokeRole",
  args: Result,
): Promise<Change | undefined> {
  const role = roleName(args[0]);
  if (!Object.hasOwn(GRANTABLE_ROLES, role)) return undefined;
  const build = method === "grantRole" ? grantRole : revokeRole;
  return build(context, role as GrantableRole, args[1]);
}

function contractAt(context: ChangeContext, address: string): GovernedContract | undefined {
  const contracts = Object.keys(ABI_NAMES) as GovernedContract[];
  return contracts.find((contract) => addressOf(context, contract).toLowerCase() === address.toLowerCase());
}

function readable(name: string, value: unknown): unknown {
  return name === "role" && typeof value === "string" ? roleName(value) : value;
}
