/** Who may do what: API keys, tenants' tokens, roles, limits. */
export { addressBucket, ONE_HOST, ONE_NETWORK } from "./address.ts";
export { type ApiKeyText, newApiKey, parseApiKey } from "./api-key.ts";
export {
  type ApiKeyInfo,
  insertApiKey,
  listApiKeys,
  type NewApiKey,
  revokeApiKey,
} from "./api-key-rows.ts";
export { Authenticator, type AuthenticatorParts } from "./authenticator.ts";
export type { Caller } from "./credential.ts";
export { AUTH_CAUSES, type AuthCause, AuthFailure, type Blamed } from "./failure.ts";
export { addJwtKey, type JwtKeyInfo, listJwtKeys, type NewJwtKey, revokeJwtKey } from "./jwt-key-rows.ts";
export { FailureLimit, RATE_GROUPS, type RateGroup, RateLimits } from "./limits.ts";
export {
  isRole,
  PERMISSIONS,
  type Permission,
  permissionsOf,
  ROLE_NAMES,
  ROLES,
  type Role,
} from "./permissions.ts";
export { type AccessSettings, accessSettings, networkList } from "./settings.ts";
export { createTenant, type Tenant } from "./tenants.ts";
export { TOKEN_SECONDS } from "./token.ts";
