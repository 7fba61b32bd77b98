import { changeTask, option, proofxTask, taskGroup, timelockTask } from "../support/declare.ts";

const ROLE = option(
  "role",
  "Required. SIGNER_ROLE, PAUSER_ROLE, GUARDIAN_ROLE, POLICY_ROLE, or one of the timelock's (docs/contracts.md)",
);
const SCHEDULE = {
  name: "schedule",
  description: "Put it through the timelock: for roles that the admin does not grant",
} as const;

export const rolesTasks = [
  taskGroup("roles", "Who may do what: list, grant, revoke, hand the admin over"),
  proofxTask(
    ["roles", "list"],
    "List every holder of every role, from the chain's logs, and pending transfers",
  )
    .setAction(() => import("./list.ts"))
    .build(),
  timelockTask(["roles", "grant"], "Give an account a role (admin)")
    .addOption(ROLE)
    .addOption(option("account", "Required. Address that gets the role"))
    .addFlag(SCHEDULE)
    .setAction(() => import("./grant.ts"))
    .build(),
  timelockTask(["roles", "revoke"], "Take a role from an account, at once (admin)")
    .addOption(ROLE)
    .addOption(option("account", "Required. Address that loses the role"))
    .addFlag(SCHEDULE)
    .setAction(() => import("./revoke.ts"))
    .build(),
  changeTask(
    ["roles", "transfer-admin"],
    "Begin to hand the default admin of both contracts over; the new admin accepts after the delay (admin)",
  )
    .addOption(option("to", "Address of the new admin; required unless --cancel is given"))
    .addFlag({ name: "cancel", description: "Take back a transfer that was not accepted yet" })
    .setAction(() => import("./transfer-admin.ts"))
    .build(),
  changeTask(["roles", "accept-admin"], "Accept the default admin of both contracts (the new admin)")
    .addOption(option("account", "With --out or --dry-run: the new admin's address (default: --key's)"))
    .setAction(() => import("./accept-admin.ts"))
    .build(),
];
