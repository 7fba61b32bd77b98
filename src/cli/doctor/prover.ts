import { Client } from "pg";
import { errorCode, UnavailableError } from "../../core/errors.ts";
import { openCircuits } from "../../services/prover/circuits.ts";
import { readQueueSecrets } from "../../services/prover/queue-secrets.ts";
import { readSection } from "../config-file.ts";
import { judged, type Probe } from "./probe.ts";

/** What the prover of a configuration needs: the files of its circuits, and the database its queue is in. */
export function proverProbes(path: string): Probe[] {
  const settings = readSection(path, "prover");
  const own = settings.circuits.filter(({ zkey }) => zkey === undefined).length;
  const circuits: Probe = {
    name: "circuits",
    look: () =>
      judged("docs/prover.md", async () => {
        // Those of the checkout are made when the prover starts; looking must not take minutes.
        const named = await openCircuits(
          settings.circuits.filter(({ zkey }) => zkey !== undefined),
          () => {},
        );
        return `${named.length} circuits' files read well; ${own} of this checkout, made at the start where they are not`;
      }),
  };
  const queue: Probe = {
    name: "queue",
    look: () => judged("docs/prover.md", () => lookAtQueue(readQueueSecrets(settings).databaseUrl)),
  };
  return settings.queue === "postgres" ? [circuits, queue] : [circuits];
}

async function lookAtQueue(connectionString: string): Promise<string> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
    return `PostgreSQL ${rows[0]?.server_version} answers`;
  } catch (cause) {
    throw new UnavailableError(`the queue's database does not answer (${errorCode(cause)})`, { cause });
  } finally {
    await client.end().catch(() => {});
  }
}
