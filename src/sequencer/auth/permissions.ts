/** Everything a credential can be good for; a list, so that a wildcard never means more than what is in it. */
export const PERMISSIONS = [
  "events:write",
  "events:read",
  "streams:write",
  "keys:write",
  "schemas:write",
  "commitments:read",
  "commitments:write",
  "tokens:write",
  "anchor:read",
  "anchor:write",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** What each role may do; `*` stands for every permission, `resource:*` for all of one resource. */
export const ROLES = {
  agent: ["events:write", "events:read"],
  reader: ["events:read", "commitments:read"],
  admin: ["*"],
  anchor: ["commitments:*", "anchor:*"],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type Role = keyof typeof ROLES;

export const ROLE_NAMES = Object.keys(ROLES) as Role[];

export function isRole(text: string): text is Role {
  return Object.hasOwn(ROLES, text);
}

/** The permissions that patterns stand for; one that is none of ours stands for nothing. */
export function expand(patterns: readonly string[]): ReadonlySet<Permission> {
  return new Set(PERMISSIONS.filter((permission) => patterns.some((pattern) => covers(pattern, permission))));
}

/** What a role may do, narrowed to a scope when there is one: a scope never adds anything. */
export function permissionsOf(role: Role, scope?: readonly string[]): ReadonlySet<Permission> {
  const ofRole = expand(ROLES[role]);
  if (scope === undefined) return ofRole;
  const asked = expand(scope);
  return new Set([...ofRole].filter((permission) => asked.has(permission)));
}

function covers(pattern: string, permission: Permission): boolean {
  if (pattern === "*" || pattern === permission) return true;
  const [resource] = permission.split(":");
  return pattern === `${resource}:*`;
}
