import { createCipheriv } from "node:crypto";
import { join } from "node:path";
import type { KeyProvider } from "../../../src/core/ports.ts";
import {
  type AtRestSettings,
  atRestSettings,
  eventAad,
  type Keyring,
  type Owner,
  type ProofPlace,
  proofAad,
} from "../../../src/sequencer/at-rest/index.ts";
import type { Store } from "../../../src/sequencer/store/index.ts";
import { open, temporaryFolder } from "../../keys/support.ts";

export const TENANT = "550e8400-e29b-41d4-a716-446655440000";
export const OTHER = "550e8400-e29b-41d4-a716-446655440001";
export const STORE = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
export const AGENT = "16fd2706-8baf-433b-82eb-8c7fada847da";
export const SECOND = "16fd2706-8baf-433b-82eb-8c7fada847db";
export const MASTER = "log-master";
export const SETTINGS: AtRestSettings = atRestSettings.parse({});

/** A keystore with master keys, gone with the test. */
export async function masterKeys(...names: string[]) {
  const temporary = temporaryFolder();
  const folder = join(temporary.path, "keys");
  const keys: KeyProvider = open(folder);
  for (const name of names.length === 0 ? [MASTER] : names) await keys.create(name, "aes-256");
  return { keys, folder, close: () => temporary[Symbol.dispose]() };
}

/** Makes both tenants with one stream each. */
export async function openStreams(store: Store): Promise<void> {
  for (const [i, tenant] of [TENANT, OTHER].entries()) {
    await store
      .as("keeper")
      .transaction(null, (sql) =>
        sql.query("INSERT INTO proofx.tenants VALUES ($1, $2, 1) ON CONFLICT DO NOTHING", [tenant, `t${i}`]),
      );
    await store
      .as("app")
      .transaction(tenant, (sql) =>
        sql.query("SELECT proofx.open_stream($1, $2, $3, 1)", [
          tenant,
          STORE,
          new Uint8Array(32).fill(i + 1),
        ]),
      );
  }
}

/** Empties every table, as only a test may. */
export async function clear(store: Store): Promise<void> {
  await store
    .as("owner")
    .transaction(null, (sql) =>
      sql.query("TRUNCATE proofx.tenants, proofx.events, proofx.keeper_jobs RESTART IDENTITY CASCADE"),
    );
}

export const eventId = (sequence: bigint | number) =>
  `00000000-0000-4000-8000-${String(sequence).padStart(12, "0")}`;

/** The aad of the event that `append` puts at a place. */
export function aadAt(tenant: string, sequence: bigint): Uint8Array {
  const kind = { entityType: "order", entityId: String(sequence), eventType: "order.placed" };
  return eventAad({ tenantId: tenant, storeId: STORE, eventId: eventId(sequence), sequence, ...kind });
}

export const payloadAt = (sequence: bigint): Uint8Array =>
  new TextEncoder().encode(`{"sequence":"${sequence}"}`);

/** How `append` writes a payload. */
export type Form = (owner: Owner, aad: Uint8Array, payload: Uint8Array) => Promise<Uint8Array> | Uint8Array;

/** Sealed by a keyring. */
export const sealedBy =
  (keyring: Keyring): Form =>
  (owner, aad, payload) =>
    keyring.seal({ ...owner, aad }, payload);
export const plain: Form = (_owner, _aad, payload) => payload;
/** In the older format, which nothing of ours writes. */
export const sse1 =
  (key: Uint8Array): Form =>
  (_owner, aad, payload) => {
    const nonce = new Uint8Array(12).fill(3);
    const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(aad);
    return Buffer.concat(
      ["SSE1", nonce, cipher.update(payload), cipher.final(), cipher.getAuthTag()].map((part) =>
        Buffer.from(part as string),
      ),
    );
  };

/** Appends events at the sequence numbers given, whose payloads are in the form; all hashes are made up. */
export async function append(
  store: Store,
  owner: Owner,
  sequences: readonly bigint[],
  form: Form,
): Promise<void> {
  const bytes = (length: number) => sequences.map(() => new Uint8Array(length).fill(1));
  const each = <T>(value: (sequence: bigint) => T): T[] => sequences.map(value);
  const payloads: Uint8Array[] = [];
  for (const n of sequences) payloads.push(await form(owner, aadAt(owner.tenant, n), payloadAt(n)));
  const columns = [
    ...[each(eventId), each(() => 3), each(() => owner.agent), each(() => 1n)],
    ...[each(() => "order"), each(String), each(() => "order.placed"), each(() => "2026-01-01T00:00:00Z")],
    ...[each(() => null), each(() => null), each(() => null), each(() => 0), payloads],
    ...[bytes(32), bytes(32), bytes(64), bytes(32), bytes(32)],
    ...[each(() => 1n), each(() => 5n), each(() => 1), bytes(64)],
  ];
  const places = Array.from({ length: columns.length + 3 }, (_, i) => `$${i + 1}`).join(", ");
  await store
    .as("app")
    .transaction(owner.tenant, (sql) =>
      sql.query(`SELECT proofx.append_events(${places})`, [
        owner.tenant,
        STORE,
        sequences[0] ?? 1n,
        ...columns,
      ]),
    );
}

/** The payload that is kept at a place. */
export async function stored(store: Store, tenant: string, sequence: bigint): Promise<Uint8Array> {
  const [row] = await store
    .as("app")
    .transaction(tenant, (sql) =>
      sql.query<{ payload: Uint8Array }>("SELECT payload FROM proofx.events WHERE sequence = $1", [sequence]),
    );
  if (row === undefined) throw new Error(`no event ${sequence}`);
  return row.payload;
}

/** Opens what is kept at a place, as a reader does. */
export async function read(
  store: Store,
  keyring: Keyring,
  tenant: string,
  sequence: bigint,
): Promise<string> {
  const opened = await keyring.open(
    { tenant, aad: aadAt(tenant, sequence) },
    await stored(store, tenant, sequence),
  );
  return new TextDecoder().decode(opened);
}

/** A proof's place, for the event at a sequence number. */
export function proofPlace(tenant: string, sequence: bigint): ProofPlace {
  return {
    tenantId: tenant,
    storeId: STORE,
    eventId: eventId(sequence),
    proofId: eventId(sequence + 500n),
    policyHash: new Uint8Array(32).fill(5),
    circuitVersion: 2,
    proofType: "groth16",
    proofHash: new Uint8Array(32).fill(6),
  };
}

/** Keeps a proof of the event at a place. */
export async function addProof(store: Store, owner: Owner, sequence: bigint, form: Form): Promise<void> {
  const place = proofPlace(owner.tenant, sequence);
  const proof = await form(owner, proofAad(place), payloadAt(sequence));
  const {
    tenantId,
    storeId,
    eventId: event,
    proofId,
    proofType,
    circuitVersion,
    policyHash,
    proofHash,
  } = place;
  await store
    .as("app")
    .transaction(owner.tenant, (sql) =>
      sql.query("INSERT INTO proofx.compliance_proofs VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)", [
        ...[tenantId, storeId, event, proofId, proofType, circuitVersion, policyHash, proofHash, proof],
      ]),
    );
}
