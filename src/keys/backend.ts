import { homedir } from "node:os";
import { join } from "node:path";
import { RefusedError } from "../core/errors.ts";
import type { KeyAlgorithm, KeyInfo, KeyProvider } from "../core/ports.ts";
import { AwsKmsKeys } from "./aws-kms.ts";
import { Keystore } from "./keystore.ts";
import { type PassphraseSource, passphraseFromEnvironment, passphraseFromFile } from "./passphrase.ts";
import { pinFromEnvironment, pinFromFile } from "./pin.ts";
import { Pkcs11Keys } from "./pkcs11/index.ts";
import { DEFAULT_WORK_FACTOR } from "./sealing.ts";
import type { KeysSettings } from "./settings.ts";
import { VaultKeys } from "./vault.ts";

/** A backend that takes in keys made elsewhere. */
export interface KeyImporter {
  /** @throws InputError when the bytes are no private key; RefusedError when the name or the key is taken. */
  import(name: string, algorithm: KeyAlgorithm, secret: Uint8Array): Promise<KeyInfo>;
}

/** The keys of a configuration. */
export interface ConfiguredKeys {
  readonly keys: KeyProvider;
  /** Folder of the keystore and of the rotation records. */
  readonly folder: string;
  /** Where the keys are, for people. */
  readonly place: string;
  /** The backend as one that takes keys in. @throws RefusedError when it does not. */
  importer(): KeyImporter;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Opens the backend that the settings name. Reads nothing and connects to nothing until it is asked to.
 *
 * The environment wins over the file: PROOFX_KEYS is the folder, and the variables of passphrase and PIN say where those are.
 */
export function openConfiguredKeys(
  settings: KeysSettings,
  environment: Environment = process.env,
): ConfiguredKeys {
  const folder = environment.PROOFX_KEYS ?? settings.folder ?? join(homedir(), ".proofx", "keys");
  if (settings.backend === "keystore") {
    const keystore = new Keystore(folder, passphrase(settings, environment), settings.work_factor);
    return { keys: keystore, folder, place: folder, importer: () => keystore };
  }
  const { keys, place } = openRemote(settings, environment);
  return {
    keys,
    folder,
    place,
    importer: () => {
      throw new RefusedError(
        `${place} takes no keys from elsewhere: a copy outside would make its lock worthless`,
        {
          next: "make the key there with keys create, and give it the role",
        },
      );
    },
  };
}

function openRemote(settings: KeysSettings, environment: Environment): { keys: KeyProvider; place: string } {
  const { backend, pkcs11, vault, "aws-kms": aws } = settings;
  if (backend === "pkcs11" && pkcs11 !== undefined) {
    const { module: library, token } = pkcs11;
    const keys = new Pkcs11Keys({ library, token, pin: pin(pkcs11.pin_file, environment) });
    return { keys, place: `token "${token}"` };
  }
  if (backend === "aws-kms" && aws !== undefined) {
    return { keys: new AwsKmsKeys(aws), place: `AWS KMS in ${aws.region}, alias/${aws.prefix}/` };
  }
  if (backend === "vault" && vault !== undefined) {
    const { address, mount, token_file: tokenFile } = vault;
    return { keys: new VaultKeys({ address, mount, tokenFile }), place: `Vault at ${address}, ${mount}/` };
  }
  // The settings' schema demands the section of the backend it names.
  throw new RefusedError(`the settings name ${backend} and have no section for it`);
}

function passphrase(
  { passphrase_file: file, work_factor: workFactor }: KeysSettings,
  environment: Environment,
): PassphraseSource {
  const said = environment.PROOFX_PASSPHRASE_FILE ?? environment.PROOFX_PASSPHRASE_FD;
  const source =
    said === undefined && file !== undefined
      ? passphraseFromFile(file)
      : passphraseFromEnvironment(environment);
  return workFactor < DEFAULT_WORK_FACTOR ? unguessable(source, workFactor) : source;
}

/** 128 random bits are that many characters in base64. Length proves nothing, but words that somebody remembers are mostly shorter. */
const UNGUESSABLE_LENGTH = 22;

/** Takes no short passphrase for new keys: with less work a guess is cheap. */
function unguessable(source: PassphraseSource, workFactor: number): PassphraseSource {
  return {
    async read(use) {
      const text = await source.read(use);
      if (use === "open" || text.length >= UNGUESSABLE_LENGTH) return text;
      throw new RefusedError(
        `work_factor ${workFactor} is for random passphrases of ${UNGUESSABLE_LENGTH} characters or more; this one has ${text.length}`,
        { next: "make one: openssl rand -base64 24; or leave work_factor out of [keys]" },
      );
    },
  };
}

function pin(file: string | undefined, environment: Environment) {
  const said = environment.PROOFX_PIN_FILE ?? environment.PROOFX_PIN_FD;
  return said === undefined && file !== undefined ? pinFromFile(file) : pinFromEnvironment(environment);
}
