import { existsSync } from "node:fs";
import type { PKCS11 } from "pkcs11js";
import { InputError, UnavailableError } from "../../core/errors.ts";
import { CKR, returnValue } from "./errors.ts";
import type { Binding } from "./native.ts";

const opened = new Map<string, PKCS11>();

/**
 * A token maker's library, loaded and initialised once a process: a second initialisation is an error by the standard.
 *
 * It stays for the life of the process; the system takes it back at its end.
 *
 * @param path Of the library, e.g. `/usr/lib/softhsm/libsofthsm2.so`.
 * @throws UnavailableError when it cannot be loaded.
 */
export function openModule(binding: Binding, path: string): PKCS11 {
  const known = opened.get(path);
  if (known !== undefined) return known;
  if (!existsSync(path)) {
    throw new UnavailableError(`PKCS#11 library: ${path} does not exist`, {
      next: "install the token maker's library and name it in [keys.pkcs11] module",
    });
  }
  const module = new binding.PKCS11();
  try {
    module.load(path);
    initialize(binding, module);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UnavailableError(`PKCS#11 library: ${path} cannot be used (${reason})`, {
      cause,
      next: "see that it is a PKCS#11 library for this machine and that its own settings are in place",
    });
  }
  opened.set(path, module);
  return module;
}

/** With the system's locks, since other threads of this process may use the library too. */
function initialize(binding: Binding, module: PKCS11): void {
  try {
    module.C_Initialize({ flags: binding.CKF_OS_LOCKING_OK });
  } catch (error) {
    if (returnValue(error) !== CKR.alreadyInitialized) throw error;
  }
}

/**
 * The slot that holds the token with this label.
 *
 * @throws UnavailableError when there is none, InputError when there are two.
 */
export function findSlot(module: PKCS11, label: string): Buffer {
  const tokens = module.C_GetSlotList(true).map((slot) => ({ slot, label: labelOf(module, slot) }));
  const found = tokens.filter((token) => token.label === label);
  const [first] = found;
  if (first === undefined) {
    const names = tokens.map((token) => token.label).filter((name) => name !== "");
    throw new UnavailableError(`no token "${label}" is plugged in; there is ${list(names)}`, {
      next: "plug it in, or name another in [keys.pkcs11] token",
    });
  }
  if (found.length > 1) throw new InputError(`expected one token "${label}", got ${found.length}`);
  return first.slot;
}

/** Empty for a token that has no label yet, or is out of order: that one is not ours to complain of. */
function labelOf(module: PKCS11, slot: Buffer): string {
  try {
    return module.C_GetTokenInfo(slot).label.trimEnd();
  } catch (error) {
    if (returnValue(error) === undefined) throw error;
    return "";
  }
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.map((name) => `"${name}"`).join(", ");
}
