import { CheckError, UnavailableError } from "../../core/errors.ts";

/** Return values by which a token says that the session, or the token itself, is gone (PKCS #11, 5.1). */
const LOST = new Set([
  0x05, // CKR_GENERAL_ERROR: SoftHSM2's word for a token whose files went away
  0x30, // CKR_DEVICE_ERROR
  0x32, // CKR_DEVICE_REMOVED
  0xb0, // CKR_SESSION_CLOSED
  0xb3, // CKR_SESSION_HANDLE_INVALID
  0xe0, // CKR_TOKEN_NOT_PRESENT
  0xe1, // CKR_TOKEN_NOT_RECOGNIZED
  0x101, // CKR_USER_NOT_LOGGED_IN
]);

export const CKR = {
  attributeSensitive: 0x11,
  mechanismInvalid: 0x70,
  pinIncorrect: 0xa0,
  pinInvalid: 0xa1,
  pinLength: 0xa2,
  pinLocked: 0xa4,
  alreadyLoggedIn: 0x100,
  alreadyInitialized: 0x191,
} as const;

/** The token's own number for what went wrong; undefined for an error that is not the token's. */
export function returnValue(error: unknown): number | undefined {
  if (!(error instanceof Error) || error.name !== "Pkcs11Error") return undefined;
  return "code" in error && typeof error.code === "number" ? error.code : undefined;
}

/** Whether another session may succeed where this one failed. */
export function isLost(error: unknown): boolean {
  return LOST.has(returnValue(error) ?? -1);
}

/**
 * Return values by which tokens say that a ciphertext is not one of the key: encrypted data invalid or of another length, and,
 * against the standard, general error (SoftHSM2's word for a GCM tag that does not fit).
 */
const REFUSED_CIPHERTEXT = new Set([0x05, 0x40, 0x41]);

/** Whether a token that was asked to decrypt says that the ciphertext is none of its key's. */
export function isRefusedCiphertext(error: unknown): boolean {
  return REFUSED_CIPHERTEXT.has(returnValue(error) ?? -1);
}

/** Our error for what a token's library answered; any other error as it is. */
export function tokenError(token: string, act: string, error: unknown): unknown {
  const code = returnValue(error);
  if (code === undefined) return error;
  const reason = error instanceof Error ? error.message : "";
  if (isLost(error)) {
    return new UnavailableError(`token "${token}": ${act}: it does not answer (${reason})`, {
      cause: error,
      next: "see that the token is plugged in and its service runs, then try again",
    });
  }
  if (code === CKR.mechanismInvalid) {
    return new UnavailableError(`token "${token}": ${act}: it has no mechanism for that`, {
      cause: error,
      next: "keep keys of this algorithm in a token that knows it, or in the keystore",
    });
  }
  return new CheckError(`token "${token}": ${act}: it refused (${reason})`, { cause: error });
}
