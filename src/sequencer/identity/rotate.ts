import { equalBytes, fromHex, toHex } from "../../core/bytes.ts";
import { sumOfEach } from "../../core/each.ts";
import { RefusedError } from "../../core/errors.ts";
import type { KeyInfo, KeyProvider } from "../../core/ports.ts";
import { ROTATION_DAYS } from "../../keys/index.ts";
import type { Ingest, OwnDraft } from "../ingest/index.ts";
import { SERVICE_KEY_ENTITY } from "../ingest/own.ts";
import { lockStream } from "../ingest/stream-state.ts";
import type { Database, Sql, Store } from "../store/index.ts";
import { ed25519Key, insertServiceKey } from "./init.ts";
import {
  activeKeys,
  publishedKey,
  readServiceKeys,
  SERVICE_PURPOSES,
  type ServiceKey,
  type ServicePurpose,
} from "./service-keys.ts";

const DAY = 86_400_000;
/** Clocks of two processes differ by less, milliseconds. */
const SKEW = 60_000n;

export interface RotationParts {
  readonly store: Store;
  readonly keys: KeyProvider;
  readonly ingest: Ingest;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * Puts a new key in a service key's place. It signs at once in this process, and within half a minute in every other; the old
 * one is kept, for what it signed is still to be checked. Every stream gets an event that says so.
 *
 * @param expected Id of the key that is to be replaced, so that a repeat after an answer was lost does not rotate twice.
 */
export async function rotateServiceKey(
  { store, keys, ingest, now = Date.now }: RotationParts,
  purpose: ServicePurpose,
  expected?: number,
): Promise<{ readonly key: ServiceKey; readonly streams: number }> {
  const keeper = store.as("keeper");
  const old = newest(await keeper.transaction(null, readServiceKeys), purpose);
  if (expected !== undefined && old.keyId !== expected) {
    throw new RefusedError(`the ${purpose} key is ${old.keyId} by now, not ${expected}`, {
      next: "see what is published under /v1/keys",
    });
  }
  const made = await unusedKey(keys, `${purpose}-${old.keyId + 1}`, old);
  const key = await keeper.transaction(null, (sql) => replace(sql, old, made, BigInt(now())));
  return { key, streams: await announceServiceKeys({ store, ingest }) };
}

/**
 * Appends to every stream the events that it lacks of rotated service keys: what a rotation that was cut off left over, and
 * streams that were opened meanwhile.
 *
 * @returns How many events were appended.
 * @throws What the first stream that failed did, after the others have theirs.
 */
export async function announceServiceKeys({
  store,
  ingest,
}: Pick<RotationParts, "store" | "ingest">): Promise<number> {
  const keeper = store.as("keeper");
  const keys = await keeper.transaction(null, readServiceKeys);
  const rotated = keys.filter(({ keyId }) => keyId > 1);
  if (rotated.length === 0) return 0;
  const streams = await keeper.transaction(null, (sql) =>
    sql.query<{ tenant_id: string; store_id: string; opened_at: bigint }>(
      "SELECT tenant_id, store_id, opened_at FROM proofx.streams ORDER BY tenant_id, store_id",
    ),
  );
  return await sumOfEach(streams, async ({ tenant_id: tenant, store_id: stream, opened_at: openedAt }) => {
    const young = rotated.filter(({ activeFrom }) => activeFrom > openedAt - SKEW);
    return young.length > 0 ? await announce(ingest, tenant, stream, young) : 0;
  });
}

function announce(
  ingest: Ingest,
  tenant: string,
  store: string,
  keys: readonly ServiceKey[],
): Promise<number> {
  return ingest.ownTransaction(tenant, async (sql, append) => {
    await lockStream(sql, tenant, store);
    const rows = await sql.query<{ entity_id: string }>(
      "SELECT entity_id FROM proofx.events WHERE tenant_id = $1 AND store_id = $2 AND entity_type = $3",
      [tenant, store, SERVICE_KEY_ENTITY],
    );
    const told = new Set(rows.map(({ entity_id }) => entity_id));
    const missing = keys.filter((key) => !told.has(entityOf(key)));
    for (const key of missing) await append(store, rotatedDraft(key));
    return missing.length;
  });
}

function rotatedDraft(key: ServiceKey): OwnDraft {
  return {
    entityType: SERVICE_KEY_ENTITY,
    entityId: entityOf(key),
    eventType: "proofx.service-key.rotated",
    payload: { purpose: key.purpose, key_id: key.keyId, public_key: toHex(key.publicKey) },
  };
}

function entityOf({ purpose, keyId }: ServiceKey): string {
  return `${purpose}/${keyId}`;
}

async function replace(
  sql: Sql,
  old: ServiceKey,
  { name, publicKey }: KeyInfo,
  now: bigint,
): Promise<ServiceKey> {
  const { purpose, keyId } = old;
  await sql.query("SELECT pg_advisory_xact_lock(7_166_002)");
  const latest = newest(await readServiceKeys(sql), purpose);
  // Somebody else did the same meanwhile.
  if (latest.keyId !== keyId) return latest;
  await insertServiceKey(sql, { purpose, keyId: keyId + 1, name, publicKey, now });
  await sql.query("UPDATE proofx.service_keys SET retired_at = $3 WHERE purpose = $1 AND key_id = $2", [
    purpose,
    keyId,
    now,
  ]);
  return newest(await readServiceKeys(sql), purpose);
}

/** A key of this name that a cut-off rotation made is as new as another. */
async function unusedKey(keys: KeyProvider, name: string, old: ServiceKey): Promise<KeyInfo> {
  const key = await ed25519Key(keys, name);
  if (!equalBytes(fromHex("public key", key.publicKey), old.publicKey)) return key;
  throw new RefusedError(`key "${name}" is the key that it is to replace`, {
    next: "remove it from the keystore",
  });
}

function newest(keys: readonly ServiceKey[], purpose: ServicePurpose): ServiceKey {
  const key = activeKeys(keys).get(purpose);
  if (key !== undefined) return key;
  throw new RefusedError(`this log has no ${purpose} key`, { next: "npx proofx log init" });
}

/** Every service key there ever was, as the log publishes them. @param database Of any role. */
export async function publishedKeys(database: Database) {
  return (await database.transaction(null, readServiceKeys)).map(publishedKey);
}

/** How the newest key of a purpose stands to its schedule. */
export interface DueServiceKey {
  readonly purpose: ServicePurpose;
  readonly keyId: number;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
  readonly overdue: boolean;
}

/** When each service key is to be rotated, which is `days` after it took over. */
export function dueServiceKeys(
  keys: readonly ServiceKey[],
  now: number,
  days: number = ROTATION_DAYS.services,
): DueServiceKey[] {
  const active = activeKeys(keys);
  return SERVICE_PURPOSES.flatMap((purpose) => {
    const key = active.get(purpose);
    if (key === undefined) return [];
    const dueAt = Number(key.activeFrom) + days * DAY;
    return [{ purpose, keyId: key.keyId, dueAt, overdue: now >= dueAt }];
  });
}
