import { randomUUID } from "node:crypto";
import { fromHex } from "../../core/bytes.ts";
import { InputError, RefusedError } from "../../core/errors.ts";
import type { KeyInfo, KeyProvider } from "../../core/ports.ts";
import { createIngest, type RecordSealer } from "../ingest/index.ts";
import type { Sql, Store } from "../store/index.ts";
import { findIdentity, type LogIdentity } from "./identity.ts";
import { readServiceKeys, SERVICE_PURPOSES, type ServicePurpose } from "./service-keys.ts";
import { openSigners, type ServiceSigners } from "./signers.ts";

export interface InitOptions {
  /** First part of every checkpoint's origin: a name that no other log of the world has, e.g. `log.example.com`. */
  readonly logName: string;
  readonly sealer: RecordSealer;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** A log that is there. */
export interface InitializedLog {
  readonly identity: LogIdentity;
  readonly signers: ServiceSigners;
}

const NAME = /^[a-z0-9]([a-z0-9.-]{0,98}[a-z0-9])?(\/[a-z0-9][a-z0-9._-]{0,62})*$/;
const NAME_FORM =
  'a name like "log.example.com": lower-case letters, digits, dots, hyphens, and parts after a "/"';

/**
 * Makes a log in a migrated database: its name, its registrar, the keys it signs with, the operator's tenant and stream. What
 * is there already stays: a run that was cut off is finished by the next.
 *
 * @throws InputError for a name that cannot be one; RefusedError when the database holds a log of another name.
 */
export async function initLog(
  store: Store,
  keys: KeyProvider,
  options: InitOptions,
): Promise<InitializedLog> {
  const { logName, sealer, now = Date.now } = options;
  if (!NAME.test(logName)) throw InputError.expected("log name", NAME_FORM, logName);
  const made = await store.as("keeper").transaction(null, findIdentity);
  requireName(made, logName);
  const own = new Map<ServicePurpose, KeyInfo>();
  for (const purpose of SERVICE_PURPOSES) {
    if (made === undefined) own.set(purpose, await ed25519Key(keys, purpose));
  }
  const identity =
    made ??
    (await store.as("keeper").transaction(null, (sql) => record(sql, own, { logName, now: BigInt(now()) })));
  requireName(identity, logName);
  const database = store.as("app");
  const signers = await openSigners(database, keys);
  const ingest = createIngest({ database, sealer, signers, identity, now });
  await ingest.openStream(identity.operatorTenant, identity.operatorStore);
  await ingest.close();
  return { identity, signers };
}

/**
 * The key of this name, made when there is none.
 *
 * @throws InputError when the name is that of another kind of key.
 */
export async function ed25519Key(keys: KeyProvider, name: string): Promise<KeyInfo> {
  const find = async () => (await keys.list()).find((key) => key.name === name);
  const key = (await find()) ?? (await keys.create(name, "ed25519").catch(orElse(find)));
  if (key.algorithm !== "ed25519")
    throw InputError.expected(`key "${name}"`, "an ed25519 key", key.algorithm);
  return key;
}

/** Another process may have made it meanwhile. */
function orElse(find: () => Promise<KeyInfo | undefined>) {
  return async (error: unknown): Promise<KeyInfo> => {
    const key = error instanceof RefusedError ? await find() : undefined;
    if (key === undefined) throw error;
    return key;
  };
}

async function record(
  sql: Sql,
  own: ReadonlyMap<ServicePurpose, KeyInfo>,
  { logName, now }: { readonly logName: string; readonly now: bigint },
): Promise<LogIdentity> {
  await sql.query("SELECT pg_advisory_xact_lock(7_166_002)");
  const made = await findIdentity(sql);
  if (made !== undefined) return made;
  const identity: LogIdentity = {
    logName,
    registrarId: randomUUID(),
    operatorTenant: randomUUID(),
    operatorStore: randomUUID(),
  };
  await sql.query("INSERT INTO proofx.tenants (tenant_id, name, created_at) VALUES ($1, $2, $3)", [
    identity.operatorTenant,
    "operator",
    now,
  ]);
  await sql.query(
    "INSERT INTO proofx.identity (log_name, registrar_id, operator_tenant, operator_store) VALUES ($1, $2, $3, $4)",
    [logName, identity.registrarId, identity.operatorTenant, identity.operatorStore],
  );
  const recorded = new Set((await readServiceKeys(sql)).map(({ purpose }) => purpose));
  for (const [purpose, { name, publicKey }] of own) {
    if (!recorded.has(purpose)) await insertServiceKey(sql, { purpose, keyId: 1, name, publicKey, now });
  }
  return identity;
}

/** Records a service key as the one that signs from now on. */
export async function insertServiceKey(
  sql: Sql,
  key: Pick<KeyInfo, "name" | "publicKey"> & {
    readonly purpose: ServicePurpose;
    readonly keyId: number;
    readonly now: bigint;
  },
): Promise<void> {
  await sql.query(
    "INSERT INTO proofx.service_keys (purpose, key_id, key_name, public_key, active_from) VALUES ($1, $2, $3, $4, $5)",
    [key.purpose, key.keyId, key.name, fromHex("public key", key.publicKey, 32), key.now],
  );
}

function requireName(identity: LogIdentity | undefined, logName: string): void {
  if (identity === undefined || identity.logName === logName) return;
  throw new RefusedError(
    `this database holds the log "${identity.logName}", and a log keeps its name for good`,
    {
      next: `set log_name = "${identity.logName}" in [sequencer], or use another database`,
    },
  );
}
