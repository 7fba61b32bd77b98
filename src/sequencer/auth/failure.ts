import { RefusedError } from "../../core/errors.ts";

/** Why a credential was not taken. For the audit alone: who asked is told one thing, whatever it was. */
export const AUTH_CAUSES = [
  "credential-missing",
  "credential-malformed",
  "api-key-unknown",
  "api-key-wrong-secret",
  "api-key-revoked",
  "token-malformed",
  "token-algorithm",
  "token-key-unknown",
  "token-key-revoked",
  "token-signature",
  "token-claims",
  "token-audience",
  "token-tenant",
  "token-expired",
  "token-not-yet-valid",
  "token-too-long",
  "token-revoked",
  "role-unknown",
] as const;
export type AuthCause = (typeof AUTH_CAUSES)[number];

/** Whom a failure is put down to; only names that the database knows, never a text that a stranger chose. */
export interface Blamed {
  readonly tenant: string;
  /** Prefix of an API key, or `jwt:KID`. */
  readonly source: string;
}

/** A credential was not taken. */
export class AuthFailure extends RefusedError {
  readonly why: AuthCause;
  readonly blamed: Blamed | undefined;

  constructor(why: AuthCause, blamed?: Blamed, cause?: unknown) {
    super(`no valid credential: ${why}`, cause === undefined ? {} : { cause });
    this.why = why;
    this.blamed = blamed;
  }
}
