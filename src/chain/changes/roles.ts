import { getAddress } from "ethers";
import { InputError } from "../../core/errors.ts";
import { type Change, exactly, makeChange, type Sender } from "../change.ts";
import { roleHash } from "../roles.ts";
import {
  adminSender,
  type ChangeContext,
  callOf,
  type GovernedContract,
  holdsRole,
  timelockSender,
} from "./context.ts";

/** A role that can be granted and revoked: which contract keeps it, and who grants it. */
interface RoleEntry {
  readonly contract: GovernedContract;
  readonly grantedBy: "admin" | "timelock";
}

/** Every role but the default admin, whose holder changes by a transfer. */
export const GRANTABLE_ROLES = {
  SIGNER_ROLE: { contract: "verifier", grantedBy: "admin" },
  PAUSER_ROLE: { contract: "verifier", grantedBy: "admin" },
  POLICY_ROLE: { contract: "verifier", grantedBy: "admin" },
  GUARDIAN_ROLE: { contract: "registry", grantedBy: "admin" },
  UPGRADER_ROLE: { contract: "verifier", grantedBy: "timelock" },
  CIRCUIT_ROLE: { contract: "verifier", grantedBy: "timelock" },
  REOPENER_ROLE: { contract: "registry", grantedBy: "timelock" },
  PROPOSER_ROLE: { contract: "timelock", grantedBy: "timelock" },
  CANCELLER_ROLE: { contract: "timelock", grantedBy: "timelock" },
  EXECUTOR_ROLE: { contract: "timelock", grantedBy: "timelock" },
} as const satisfies Record<string, RoleEntry>;

export type GrantableRole = keyof typeof GRANTABLE_ROLES;

/**
 * A role by its name, with or without `_ROLE`, in any case.
 *
 * @throws InputError naming the roles there are.
 */
export function parseRole(text: string): GrantableRole {
  const name = `${text.toUpperCase().replace(/_ROLE$/, "")}_ROLE`;
  if (Object.hasOwn(GRANTABLE_ROLES, name)) return name as GrantableRole;
  if (name === "DEFAULT_ADMIN_ROLE" || name === "ADMIN_ROLE") {
    throw InputError.expected(
      "role",
      "a role that is granted: the default admin changes by a transfer",
      text,
      "npx hardhat roles transfer-admin --help",
    );
  }
  throw InputError.expected("role", `one of ${Object.keys(GRANTABLE_ROLES).join(", ")}`, text);
}

/** Gives an account a role. The timelock's own roles are granted by the timelock alone: see `schedule`. */
export function grantRole(context: ChangeContext, role: GrantableRole, account: string): Promise<Change> {
  return roleChange(context, "grantRole", role, account, "held");
}

/** Takes a role from an account, at once. */
export function revokeRole(context: ChangeContext, role: GrantableRole, account: string): Promise<Change> {
  return roleChange(context, "revokeRole", role, account, "not held");
}

async function roleChange(
  context: ChangeContext,
  method: "grantRole" | "revokeRole",
  role: GrantableRole,
  account: string,
  after: "held" | "not held",
): Promise<Change> {
  const { contract } = GRANTABLE_ROLES[role];
  const whom = getAddress(account);
  const words =
    method === "grantRole" ? `Grant ${role} on the ${contract} to` : `Revoke ${role} on the ${contract} from`;
  const call = callOf(context, contract, method, [roleHash(role), whom], `${words} ${whom}`);
  // A reader knows the role by its name, not by the hash that is sent.
  const readable = { ...call, args: { ...call.args, role } };
  return makeChange(context.provider, readable, await senderOf(context, role), [
    exactly(`${role} of ${whom}`, after, async (now) =>
      (await holdsRole(context, now, contract, role, whom)) ? "held" : "not held",
    ),
  ]);
}

function senderOf(context: ChangeContext, role: GrantableRole): Promise<Sender> {
  const { contract, grantedBy }: RoleEntry = GRANTABLE_ROLES[role];
  if (grantedBy === "timelock" || contract === "timelock") return Promise.resolve(timelockSender(context));
  return adminSender(context, contract);
}
