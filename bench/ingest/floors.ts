import { createPublicKey, verify } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Client } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { fromHex } from "../../src/core/bytes.ts";
import { signingHash, type VesEvent } from "../../src/core/log/index.ts";
import type { TestPostgres } from "../../test/support/postgres.ts";
import { processorSeconds } from "./processor-time.ts";

const SPKI = Buffer.from("302a300506032b6570032100", "hex");

/** Processor seconds that one native verification after another takes, and nothing else: no reading, no hashing. */
export function verifyFloor(events: readonly VesEvent[], publicKeys: ReadonlyMap<string, string>): number {
  const keys = new Map(
    [...publicKeys].map(([agent, publicKey]) => [
      agent,
      createPublicKey({
        key: Buffer.concat([SPKI, fromHex("public key", publicKey as `0x${string}`, 32)]),
        format: "der",
        type: "spki",
      }),
    ]),
  );
  const work = events.map((event) => {
    const key = keys.get(event.sourceAgentId);
    if (key === undefined) throw new Error("an event of an agent without a key");
    return { key, hash: signingHash(event), signature: event.agentSignature };
  });
  const before = process.cpuUsage();
  for (const { key, hash, signature } of work)
    if (!verify(null, hash, key, signature)) throw new Error("a signature does not hold");
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/**
 * Processor seconds, the server's included, that PostgreSQL takes to store the same bytes by COPY with its commit on disk.
 *
 * @param rows What ingest stored, one buffer an event.
 */
export async function copyFloor(postgres: TestPostgres, rows: readonly Uint8Array[]): Promise<number> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  try {
    await client.query("CREATE TABLE public.copied (sequence bigint, content bytea)");
    const lines = rows.map((row, index) => `${index + 1}\t\\\\x${Buffer.from(row).toString("hex")}\n`);
    const before = processorSeconds([process.pid]);
    await pipeline(Readable.from(lines), client.query(copyFrom("COPY public.copied FROM STDIN")));
    const after = processorSeconds([process.pid]);
    const [row] = (await client.query("SELECT count(*)::int AS n FROM public.copied")).rows;
    if (row.n !== rows.length) throw new Error(`COPY stored ${row.n} of ${rows.length} rows`);
    await client.query("DROP TABLE public.copied");
    return after - before;
  } finally {
    await client.end();
  }
}
