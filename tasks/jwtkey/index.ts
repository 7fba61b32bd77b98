import { option, proofxTask, taskGroup } from "../support/declare.ts";

/** The embedded database is open in one process: stop the sequencer for these, or use PostgreSQL. */
export const jwtkeyTasks = [
  taskGroup("jwtkey", "Keys that the log's tenants sign tokens with (docs/access.md)"),
  proofxTask(
    ["jwtkey", "add"],
    "Register a tenant's public key for tokens and print its kid; a repeat changes nothing",
  )
    .addOption(option("tenant", "Required. The tenant's UUID"))
    .addOption(option("role", "Required. Most that its tokens may do: agent, reader, admin or anchor"))
    .addOption(option("in", "Required. File with the Ed25519 public key, as PEM or JWK"))
    .addOption(option("kid", "What tokens call it (default: its RFC 7638 thumbprint)"))
    .setAction(() => import("./add.ts"))
    .build(),
  proofxTask(["jwtkey", "list"], "List the keys that tokens are signed with")
    .addOption(option("tenant", "A tenant's UUID: its keys alone"))
    .setAction(() => import("./list.ts"))
    .build(),
  proofxTask(["jwtkey", "revoke"], "Revoke a key, and with it every token it signed, for good")
    .addOption(option("kid", "Required. What tokens call it"))
    .setAction(() => import("./revoke.ts"))
    .build(),
];
