import { appendToLog, EMPTY_LOG, type LogFrontier } from "../../core/log/index.ts";
import { readPrivateFile } from "../../keys/files.ts";
import type { LogEntry, LogReader } from "../../ops/watcher/log-watch.ts";
import {
  CheckError,
  type Checkpoint,
  type Client,
  createClient,
  eventLeaf,
  ForkError,
  type LoggedEvent,
  type OpenedCheckpoint,
  SequencerRefusal,
} from "../../sdk/index.ts";
import type { WatchedLogSettings } from "../../services/watcher/settings.ts";

/** Tries of one request; the watcher itself comes again. */
const ATTEMPTS = 2;

/** Reads a stream as any reader does; the credential's file is read anew for each request, so that it may be replaced. */
export function logReader({ url, tenant, store, token_file }: WatchedLogSettings): LogReader {
  const credential = async (): Promise<string> =>
    (await readPrivateFile("watcher.logs.token_file", token_file, "follow")).toString().trim();
  const client = createClient({ url, tenant, store, credential, retry: { attempts: ATTEMPTS } });
  return {
    tenant,
    store,
    head: async () => (await client.head()).sequence,
    events: (from, signal) => entries(client.events({ from, signal })),
    tail: (from, signal) => entries(client.tail({ from, signal })),
    checkpoint: (since, signal) => checkpointOf(client, since, signal),
    frontier: (signal) => frontierOf(client, signal),
  };
}

async function* entries(events: AsyncIterable<LoggedEvent>): AsyncGenerator<LogEntry> {
  for await (const { sequence, event } of events) {
    const { eventId: id, eventType: type, sourceAgentId: agent, createdAt: time } = event;
    yield { sequence, id, type, agent, time, leaf: eventLeaf({ sequence, event }) };
  }
}

async function checkpointOf(
  client: Client,
  since: Checkpoint | undefined,
  signal: AbortSignal,
): Promise<OpenedCheckpoint | undefined> {
  try {
    return await client.checkpoint(since, signal);
  } catch (error) {
    if (error instanceof SequencerRefusal && error.code === "not-found") return undefined;
    if (!(error instanceof CheckError) || error instanceof ForkError) throw error;
    // The log may have another key since its keys were read.
    await client.publishedKeys();
    return client.checkpoint(since, signal);
  }
}

/** Tries to find a head that is still the newest when its last event is proved. */
const TRIES = 5;

/** The siblings of the last leaf are the complete trees before it. */
async function frontierOf(client: Client, signal: AbortSignal): Promise<LogFrontier | undefined> {
  for (let i = 0; i < TRIES; i++) {
    const head = await checkpointOf(client, undefined, signal);
    if (head === undefined) return undefined;
    if (head.size === 0n) return EMPTY_LOG;
    const last = await client.event(head.size, signal);
    const { proof } = await client.inclusion(last, signal);
    if (proof.size !== head.size) continue;
    const before = { size: head.size - 1n, peaks: proof.path.toReversed() };
    return appendToLog(before, [eventLeaf(last)]);
  }
  return undefined;
}
