import { readPrivateFile } from "../../keys/files.ts";
import type { LogReader } from "../../ops/watcher/log-watch.ts";
import { createClient } from "../../sdk/index.ts";
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
    events: async function* (from, signal) {
      for await (const { sequence, event } of client.events({ from, signal })) {
        const { eventId: id, eventType: type, sourceAgentId: agent, createdAt: time } = event;
        yield { sequence, id, type, agent, time };
      }
    },
  };
}
