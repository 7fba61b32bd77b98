import type { Hex } from "../../core/bytes.ts";
import { CheckError, InputError, RefusedError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { KeyProvider } from "../../core/ports.ts";
import { isSigned, signStatement } from "../../keys/index.ts";
import type { BackupHeader } from "./manifest.ts";

const TAG = "PROOFX_BACKUP_V1";

/** The key that a backup is signed with. */
export interface BackupSigner {
  readonly keys: KeyProvider;
  /** Of an ed25519 or a secp256k1 key. */
  readonly name: string;
}

/** Whose backups are taken for true. */
export interface Trust {
  /** Public keys by name. */
  readonly signers: Readonly<Record<string, Hex>>;
  /** Whether one that nobody of them signed is taken all the same. */
  readonly unverified: boolean;
}

/** Who signed a backup. */
export interface Signer {
  readonly publicKey: Hex;
  /** By the name that the reader has for it; undefined for a key that the reader does not know. */
  readonly name: string | undefined;
}

/**
 * Signs `H("PROOFX_BACKUP_V1" || JCS(the first line without its signature))`, in which the content's hash is.
 *
 * @returns The header, and what has to be true of it when it is read back.
 * @throws InputError for a key that is not there or cannot sign.
 */
export async function signHeader(
  unsigned: Omit<BackupHeader, "signed_by">,
  signer: BackupSigner | undefined,
): Promise<{ readonly header: BackupHeader; readonly trust: Trust }> {
  if (signer === undefined) return { header: unsigned, trust: { signers: {}, unverified: true } };
  const { name, algorithm, publicKey } = await signer.keys.info(signer.name);
  if (algorithm !== "ed25519" && algorithm !== "secp256k1")
    throw InputError.expected(`key "${name}"`, "one that signs, ed25519 or secp256k1", algorithm);
  const key = { name, algorithm, publicKey };
  const signature = await signStatement(TAG, signer.keys, key, unsigned as Json);
  return {
    header: { ...unsigned, signed_by: { name, algorithm, public_key: publicKey, signature } },
    trust: { signers: { [name]: publicKey }, unverified: false },
  };
}

/**
 * Who signed a backup; nobody for one that may be without a signature.
 *
 * @throws CheckError when its signature is not its signer's; RefusedError when nobody who is trusted signed it, and that was asked for.
 */
export function checkSigner(file: string, header: BackupHeader, trust: Trust): Signer | undefined {
  const { signed_by: signed, ...unsigned } = header;
  if (signed === undefined) {
    if (trust.unverified) return undefined;
    throw new RefusedError(`${file} is not signed: anybody may have written it`, { next: NEXT });
  }
  const key = { algorithm: signed.algorithm, publicKey: signed.public_key };
  if (!isSigned(TAG, key, unsigned as Json, signed.signature))
    throw new CheckError(`${file}: its first line is not what ${signed.public_key} signed`, {
      next: "take another copy of this backup",
    });
  const [name] = Object.entries(trust.signers).find(([, each]) => each === signed.public_key) ?? [];
  if (name === undefined && !trust.unverified)
    throw new RefusedError(`${file} is signed by ${signed.public_key}, which is nobody's that is trusted`, {
      next: NEXT,
    });
  return { publicKey: signed.public_key, name };
}

const NEXT =
  "name the key that signs your backups with --signer, or in [backup.signers]; --unverified takes it all the same";
