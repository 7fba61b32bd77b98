import { ByteArray, Bytes, crypto, ethereum } from "@graphprotocol/graph-ts";
// The contracts that have roles emit the same three events; the types of one serve all.
import { RoleAdminChanged, RoleGranted, RoleRevoked } from "../generated/ProofXVerifier/ProofXVerifier";
import { Role, RoleChange, RoleMember } from "../generated/schema";
import { join } from "./bytes";
import { contractOf, idOf, record } from "./common";

const DEFAULT_ADMIN_ROLE = Bytes.fromHexString(
  "0x0000000000000000000000000000000000000000000000000000000000000000",
);
const NAMES: string[] = [
  "PAUSER_ROLE",
  "POLICY_ROLE",
  "CIRCUIT_ROLE",
  "SIGNER_ROLE",
  "UPGRADER_ROLE",
  "GUARDIAN_ROLE",
  "REOPENER_ROLE",
  "PROPOSER_ROLE",
  "EXECUTOR_ROLE",
  "CANCELLER_ROLE",
];

export function handleRoleGranted(event: RoleGranted): void {
  let role = roleOf(event, event.params.role);
  setHeld(event, role, event.params.account, event.params.sender, true);
  keepChange(event, role, "GRANTED", event.params.account, event.params.sender);
  if (event.params.role.equals(DEFAULT_ADMIN_ROLE)) setAdmin(event, event.params.account);
  record(event, "RoleGranted", role.name);
}

export function handleRoleRevoked(event: RoleRevoked): void {
  let role = roleOf(event, event.params.role);
  setHeld(event, role, event.params.account, event.params.sender, false);
  keepChange(event, role, "REVOKED", event.params.account, event.params.sender);
  if (event.params.role.equals(DEFAULT_ADMIN_ROLE)) setAdmin(event, null);
  record(event, "RoleRevoked", role.name);
}

export function handleRoleAdminChanged(event: RoleAdminChanged): void {
  let role = roleOf(event, event.params.role);
  role.adminRole = event.params.newAdminRole;
  role.save();
  let change = changeOf(event, role, "ADMIN_CHANGED", event.transaction.from);
  change.previousAdminRole = event.params.previousAdminRole;
  change.newAdminRole = event.params.newAdminRole;
  change.save();
  record(event, "RoleAdminChanged", role.name);
}

function roleOf(event: ethereum.Event, hash: Bytes): Role {
  let contract = contractOf(event);
  let id = join([contract.id, hash]);
  let role = Role.load(id);
  if (role === null) {
    role = new Role(id);
    role.contract = contract.id;
    role.role = hash;
    role.name = nameOf(hash);
    role.adminRole = DEFAULT_ADMIN_ROLE;
    role.holders = 0;
    role.save();
  }
  return role;
}

function nameOf(role: Bytes): string {
  if (role.equals(DEFAULT_ADMIN_ROLE)) return "DEFAULT_ADMIN_ROLE";
  for (let i = 0; i < NAMES.length; i++) {
    if (role.equals(crypto.keccak256(ByteArray.fromUTF8(NAMES[i])))) return NAMES[i];
  }
  return role.toHexString();
}

function setHeld(event: ethereum.Event, role: Role, account: Bytes, by: Bytes, held: boolean): void {
  let id = join([role.id, account]);
  let member = RoleMember.load(id);
  let before = member !== null && member.held;
  if (member === null) {
    member = new RoleMember(id);
    member.role = role.id;
    member.account = account;
  }
  member.held = held;
  member.since = event.block.timestamp;
  member.by = by;
  member.save();
  if (before !== held) {
    role.holders += held ? 1 : -1;
    role.save();
  }
}

/** Taken over or given up: either way nobody waits for it any more. */
function setAdmin(event: ethereum.Event, admin: Bytes | null): void {
  let contract = contractOf(event);
  contract.admin = admin;
  contract.pendingAdmin = null;
  contract.pendingAdminFrom = null;
  contract.save();
}

function changeOf(event: ethereum.Event, role: Role, kind: string, by: Bytes): RoleChange {
  let change = new RoleChange(idOf(event));
  change.role = role.id;
  change.kind = kind;
  change.by = by;
  change.block = event.block.number;
  change.timestamp = event.block.timestamp;
  change.transaction = event.transaction.hash;
  return change;
}

function keepChange(event: ethereum.Event, role: Role, kind: string, account: Bytes, by: Bytes): void {
  let change = changeOf(event, role, kind, by);
  change.account = account;
  change.save();
}
