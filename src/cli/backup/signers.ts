import { existsSync } from "node:fs";
import type { Hex } from "../../core/bytes.ts";
import { InputError, ProofXError, RefusedError } from "../../core/errors.ts";
import { openConfiguredKeys, readKeysSettings } from "../../keys/index.ts";
import {
  type BackupSettings,
  type BackupSigner,
  PUBLIC_KEY,
  publicKeyField,
  type Signer,
  type Trust,
} from "../../ops/backup/index.ts";
import { configPath, readSection } from "../config-file.ts";

/** Whose backups are taken, by options. */
export interface TrustOptions {
  readonly signer?: readonly string[];
  readonly unverified?: boolean;
  readonly config?: string;
}

/**
 * Whose backups are taken: of the keys of `--signer`, or where there is none of the configuration's `[backup.signers]` and its own
 * `[backup] signer`, whose public key needs no passphrase.
 *
 * @throws InputError for a public key that is none.
 */
export async function readTrust({ signer = [], unverified = false, config }: TrustOptions): Promise<Trust> {
  if (signer.length > 0) {
    const keys = signer.map((text) => {
      const key = publicKeyField.safeParse(text);
      if (!key.success) throw InputError.expected("--signer", PUBLIC_KEY, text);
      return [text, key.data] as const;
    });
    return { signers: Object.fromEntries(keys), unverified };
  }
  const path = configPath(config);
  // On a new machine the configuration may be in the backup itself.
  if (config === undefined && !existsSync(path)) return { signers: {}, unverified };
  const { signer: own, signers } = readSection(path, "backup");
  const mine = own === undefined || own in signers ? undefined : await publicKeyOf(path, own);
  return {
    signers: own === undefined || mine === undefined ? signers : { ...signers, [own]: mine },
    unverified,
  };
}

/** A key's public half; undefined where it cannot be read: the keystore may be what is restored. */
async function publicKeyOf(path: string, name: string): Promise<Hex | undefined> {
  try {
    return (await openConfiguredKeys(readKeysSettings(path)).keys.info(name)).publicKey;
  } catch (error) {
    if (error instanceof ProofXError) return undefined;
    throw error;
  }
}

/** The key that signs backups. @throws RefusedError where the settings name none and it was not said that none signs. */
export function openSigner(
  path: string,
  { signer }: BackupSettings,
  unsigned: boolean,
): BackupSigner | undefined {
  if (unsigned) return undefined;
  if (signer === undefined)
    throw new RefusedError(
      "[backup] signer names no key, and a backup that nobody signed anybody may have written",
      {
        next: 'npx hardhat keys create --name backup --algorithm ed25519, then signer = "backup" in [backup]; or --unsigned',
      },
    );
  return { keys: openConfiguredKeys(readKeysSettings(path)).keys, name: signer };
}

/** By whom, for people. */
export function signerLine(signer: Signer | undefined): string {
  if (signer === undefined) return "NOT SIGNED: anybody may have written it";
  const { name, publicKey } = signer;
  if (name === undefined) return `signed by ${publicKey}, WHOM NOBODY HERE KNOWS`;
  return name === publicKey ? `signed by ${publicKey}` : `signed by ${name}, ${publicKey}`;
}

/** By whom, for programs. */
export const signerData = (signer: Signer | undefined) =>
  signer === undefined ? null : { name: signer.name ?? null, public_key: signer.publicKey };
