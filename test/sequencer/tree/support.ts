import { randomUUID } from "node:crypto";
import { streamId } from "../../../src/core/log/index.ts";
import type { Store } from "../../../src/sequencer/store/index.ts";
import type { StreamKey } from "../../../src/sequencer/tree/index.ts";

export const STREAM: StreamKey = {
  tenant: "550e8400-e29b-41d4-a716-446655440000",
  store: "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
};

/** A stream of a tenant of its own that no other test uses. */
export const newStream = (): StreamKey => ({ tenant: randomUUID(), store: randomUUID() });

/** Leaf of the event at a sequence number, in logs made here. */
export function leafAt(sequence: number): Uint8Array {
  const leaf = new Uint8Array(32).fill(0x5a);
  new DataView(leaf.buffer).setUint32(28, sequence);
  return leaf;
}

/** Opens a tenant's stream. */
export async function openStream(store: Store, { tenant, store: name }: StreamKey): Promise<void> {
  await store
    .as("keeper")
    .transaction(null, (sql) => sql.query("INSERT INTO tenants VALUES ($1, 'tenant', 1)", [tenant]));
  await store
    .as("app")
    .transaction(tenant, (sql) =>
      sql.query("SELECT proofx.open_stream($1, $2, $3, 1)", [tenant, name, streamId(tenant, name)]),
    );
}

/** Puts events into a stream as its owner can, with `leafAt` their leaves: what else is in them nobody asks for here. */
export async function fillStream(
  store: Store,
  { tenant, store: name }: StreamKey,
  to: number,
): Promise<void> {
  await store.as("owner").transaction(null, async (sql) => {
    const where = "WHERE tenant_id = $1 AND store_id = $2";
    const [stream] = await sql.query<{ head: bigint }>(`SELECT head FROM streams ${where}`, [tenant, name]);
    await sql.query(
      `INSERT INTO events SELECT $1, $2, n, gen_random_uuid(), 3, $1, 1, 'order',
         n::text, 'order.paid', '2026-01-30T12:00:00Z', NULL, NULL, NULL, 0, '', z, z, z || z,
         z, overlay(decode(repeat('5a', 32), 'hex') PLACING int4send(n::int) FROM 29), 1, 5, 1, z || z
       FROM generate_series($3::bigint, $4::bigint) AS n, decode(repeat('00', 32), 'hex') AS z`,
      [tenant, name, (stream?.head ?? 0n) + 1n, to],
    );
    await sql.query(`UPDATE streams SET head = $3 ${where}`, [tenant, name, to]);
  });
}
