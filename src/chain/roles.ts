import { Interface, id, type Provider, ZeroHash } from "ethers";
import { logsOf } from "./logs.ts";

const ACCESS = new Interface([
  "event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)",
  "event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender)",
]);

const TOPICS = [["RoleGranted", "RoleRevoked"].map((name) => ACCESS.getEvent(name)?.topicHash ?? "")];

/** Names of the roles our contracts know, by their hash. */
const ROLE_NAMES = new Map<string, string>([
  [ZeroHash, "DEFAULT_ADMIN_ROLE"],
  ...[
    "SIGNER_ROLE",
    "PAUSER_ROLE",
    "POLICY_ROLE",
    "UPGRADER_ROLE",
    "CIRCUIT_ROLE",
    "GUARDIAN_ROLE",
    "REOPENER_ROLE",
    "PROPOSER_ROLE",
    "EXECUTOR_ROLE",
    "CANCELLER_ROLE",
  ].map((name): [string, string] => [id(name), name]),
]);

/** Name of a role, or the hash itself when it is not one of ours. */
export function roleName(hash: string): string {
  return ROLE_NAMES.get(hash) ?? hash;
}

/** The hash contracts know a role by; a name that is a hash already stays. */
export function roleHash(role: string): string {
  if (role === "DEFAULT_ADMIN_ROLE") return ZeroHash;
  return role.startsWith("0x") ? role : id(role);
}

export interface RoleHolder {
  /** Name of the role, or its hash when it is not one of ours. */
  readonly role: string;
  readonly account: string;
}

/**
 * Who holds what on a contract, replayed from its `RoleGranted` and `RoleRevoked` logs in order.
 *
 * @param fromBlock The block the contract was deployed in; earlier logs cannot exist.
 */
export async function roleHolders(
  provider: Provider,
  contract: string,
  fromBlock: number,
  toBlock: number,
): Promise<RoleHolder[]> {
  const holders = new Map<string, RoleHolder>();
  for await (const log of logsOf(provider, contract, TOPICS, fromBlock, toBlock)) {
    const event = ACCESS.parseLog(log);
    if (event === null) continue;
    const [role, account] = [event.args.role as string, event.args.account as string];
    const key = `${role}:${account}`;
    if (event.name === "RoleGranted") holders.set(key, { role: roleName(role), account });
    else holders.delete(key);
  }
  return [...holders.values()];
}
