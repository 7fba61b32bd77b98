import type { Permission, Role } from "./permissions.ts";

/** Who asks, as its credential says. */
export interface Caller {
  /** UUID; whatever is asked for is looked for among this tenant's rows alone. */
  readonly tenant: string;
  readonly role: Role;
  readonly permissions: ReadonlySet<Permission>;
  /** UUID; the only agent it may send events of. Without it, any of the tenant's. */
  readonly agentId?: string | undefined;
  /** Names the credential in limits and audit events, and gives nothing away: `px_live_...` or `jwt:KID:SUB`. */
  readonly credentialId: string;
}
