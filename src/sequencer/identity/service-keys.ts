import { toHex } from "../../core/bytes.ts";
import type { Sql } from "../store/index.ts";

/** What the log itself signs: its own events, receipts, checkpoints. */
export const SERVICE_PURPOSES = ["registrar", "receipt", "checkpoint"] as const;
export type ServicePurpose = (typeof SERVICE_PURPOSES)[number];

/** One of the log's own keys; old ones are kept, for what they signed is still to be checked. */
export interface ServiceKey {
  readonly purpose: ServicePurpose;
  /** From 1, a purpose. */
  readonly keyId: number;
  /** The `KeyProvider`'s name of it. */
  readonly keyName: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly activeFrom: bigint;
  /** When its successor took over. */
  readonly retiredAt: bigint | null;
}

interface Row {
  readonly purpose: ServicePurpose;
  readonly key_id: number;
  readonly key_name: string;
  readonly public_key: Uint8Array;
  readonly active_from: bigint;
  readonly retired_at: bigint | null;
}

/** All service keys there ever were, by purpose and id. */
export async function readServiceKeys(sql: Sql): Promise<ServiceKey[]> {
  const rows = await sql.query<Row>(
    "SELECT purpose, key_id, key_name, public_key, active_from, retired_at FROM proofx.service_keys ORDER BY purpose, key_id",
  );
  return rows.map((row) => ({
    purpose: row.purpose,
    keyId: row.key_id,
    keyName: row.key_name,
    publicKey: Uint8Array.from(row.public_key),
    activeFrom: row.active_from,
    retiredAt: row.retired_at,
  }));
}

/** The newest key of each purpose, which signs. */
export function activeKeys(keys: readonly ServiceKey[]): Map<ServicePurpose, ServiceKey> {
  const active = new Map<ServicePurpose, ServiceKey>();
  for (const key of keys) {
    if ((active.get(key.purpose)?.keyId ?? 0) < key.keyId) active.set(key.purpose, key);
  }
  return active;
}

/** A service key as everybody may know it. */
export function publishedKey(key: ServiceKey) {
  return {
    purpose: key.purpose,
    key_id: key.keyId,
    public_key: toHex(key.publicKey),
    active_from: new Date(Number(key.activeFrom)).toISOString(),
    retired_at: key.retiredAt === null ? null : new Date(Number(key.retiredAt)).toISOString(),
  };
}
