import { equalBytes, fromHex } from "../../core/bytes.ts";
import { CheckError, RefusedError } from "../../core/errors.ts";
import type { KeyProvider } from "../../core/ports.ts";
import type { Database, Sql } from "../store/index.ts";
import { activeKeys, readServiceKeys, type ServiceKey, type ServicePurpose } from "./service-keys.ts";

/** One of the log's own keys, ready to sign. */
export interface ServiceSigner {
  readonly keyId: number;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** The log's own keys of one process. */
export interface ServiceSigners {
  /** What is public of the key that signs now. @throws RefusedError before `initLog`. */
  activeKey(purpose: ServicePurpose): ServiceKey;
  /** The key that signs now. @throws RefusedError before `initLog`. */
  active(purpose: ServicePurpose): Promise<ServiceSigner>;
  /** A key that once signed. @throws RefusedError when there is none. */
  byId(purpose: ServicePurpose, keyId: number): Promise<ServiceSigner>;
  /** Reads which keys there are anew, as another process may have rotated one. */
  refresh(sql: Sql): Promise<void>;
}

/** The log's own keys, as the database lists them and the provider holds them; each is opened when it is first needed. */
export async function openSigners(database: Database, keys: KeyProvider): Promise<ServiceSigners> {
  const signers = new Map<string, Promise<ServiceSigner>>();
  let known: readonly ServiceKey[] = await database.transaction(null, readServiceKeys);

  const open = (key: ServiceKey): Promise<ServiceSigner> => {
    const id = `${key.purpose}/${key.keyId}`;
    const opening = signers.get(id) ?? openSigner(keys, key);
    signers.set(id, opening);
    return opening.catch((error: unknown) => {
      signers.delete(id);
      throw error;
    });
  };
  const activeKey = (purpose: ServicePurpose) => existing(activeKeys(known).get(purpose), purpose);
  return {
    activeKey,
    active: async (purpose) => open(activeKey(purpose)),
    async byId(purpose, keyId) {
      const key = known.find((each) => each.purpose === purpose && each.keyId === keyId);
      return open(existing(key, `${purpose} ${keyId}`));
    },
    async refresh(sql) {
      known = await readServiceKeys(sql);
    },
  };
}

async function openSigner(
  keys: KeyProvider,
  { keyId, keyName, publicKey }: ServiceKey,
): Promise<ServiceSigner> {
  const info = await keys.info(keyName);
  if (!equalBytes(fromHex("public key", info.publicKey), publicKey)) {
    throw new CheckError(`key "${keyName}" is not the one that this log was made with`, {
      next: "give this process the keys of this log, or this database's own backup",
    });
  }
  const sign = (await keys.ed25519Signer?.(keyName)) ?? ((message) => keys.signMessage(keyName, message));
  return { keyId, publicKey, sign };
}

function existing(key: ServiceKey | undefined, wanted: string): ServiceKey {
  if (key !== undefined) return key;
  throw new RefusedError(`this log has no ${wanted} key`, { next: "npx proofx log init" });
}
