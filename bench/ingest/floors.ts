import { hash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Client } from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { parseEvent, signingHash } from "../../src/core/log/index.ts";
import type { NativeEd25519 } from "../../src/keys/index.ts";
import type { StreamAgent } from "../../test/sequencer/kill/agents.ts";
import type { TestPostgres } from "../../test/support/postgres.ts";
import type { Shipment } from "./load.ts";

/** Work that verifies the events' signatures natively, one after another, and does nothing else: no reading, no hashing. */
export function verifyFloor(
  kind: NativeEd25519,
  events: readonly Shipment[],
  agents: readonly StreamAgent[],
): () => void {
  const keys = new Map(agents.map(({ agent, publicKey }) => [agent, kind.verifier(publicKey)]));
  const work = events.map(({ json }) => {
    const event = parseEvent(json);
    const holds = keys.get(event.sourceAgentId);
    if (holds === undefined) throw new Error("an event of an agent without a key");
    return { holds, message: signingHash(event), signature: event.agentSignature };
  });
  return () => {
    for (const { holds, message, signature } of work)
      if (!holds(message, signature)) throw new Error("a signature does not hold");
  };
}

/** Milliseconds in which the nodes of an inclusion proof in a log of a million are hashed natively. */
export function hashFloor(nodes = 20, times = 2_000): number {
  const node = Buffer.alloc(65, 1);
  const began = performance.now();
  for (let i = 0; i < nodes * times; i += 1) hash("sha256", node, "buffer");
  return (performance.now() - began) / times;
}

/** The newest rows of the log's table as COPY writes them, that many. */
export async function copiedRows(postgres: TestPostgres, count: number): Promise<Buffer> {
  return await connected(postgres, async (client) => {
    const rows = `SELECT * FROM proofx.events ORDER BY sequence DESC LIMIT ${count}`;
    const chunks: Buffer[] = [];
    for await (const chunk of client.query(copyTo(`COPY (${rows}) TO STDOUT`))) chunks.push(chunk);
    return Buffer.concat(chunks);
  });
}

/** Work that stores those rows by COPY in a table of the same columns without index, its commit on the disk. */
export async function copyFloor(postgres: TestPostgres, rows: Buffer): Promise<() => Promise<void>> {
  await connected(postgres, (client) => client.query("CREATE TABLE public.copied (LIKE proofx.events)"));
  return () =>
    connected(postgres, async (client) => {
      const parts = Array.from({ length: Math.ceil(rows.length / 65_536) }, (_, index) =>
        rows.subarray(index * 65_536, (index + 1) * 65_536),
      );
      await pipeline(Readable.from(parts), client.query(copyFrom("COPY public.copied FROM STDIN")));
    });
}

/** Milliseconds of each of so many transactions that store one such row and nothing else. */
export async function commitFloor(postgres: TestPostgres, count: number): Promise<number[]> {
  return await connected(postgres, async (client) => {
    const times: number[] = [];
    const text = "INSERT INTO public.copied SELECT * FROM public.copied LIMIT 1";
    for (let i = 0; i < count; i += 1) {
      const began = performance.now();
      await client.query({ name: "commit_floor", text });
      times.push(performance.now() - began);
    }
    return times;
  });
}

async function connected<T>(postgres: TestPostgres, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
