import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Fault } from "../runbook/fault.ts";

/** How long clients meet a log without its database: rules look at more than one moment. */
const ATTEMPTS = 8;

let starter: Server | undefined;

export const fault: Fault = {
  what: "the log's PostgreSQL is killed while clients read",
  alertLabels: { service: "sequencer" },
  async inject(stage) {
    await stage.database.kill();
    await stage.sh(`for i in $(seq ${ATTEMPTS}); do
  curl -sS -o /dev/null "$SEQUENCER/v1/stores/$STORE/events" -H "authorization: Bearer $(cat "$ADMIN_CREDENTIAL")"
  sleep 0.5
done`);
    // A service manager's part: the server has to outlive the step that asks for it.
    const server = createServer((_, response) => {
      void stage.database.start().then(
        () => response.end("started\n"),
        (error: unknown) => response.writeHead(500).end(`${String(error)}\n`),
      );
    });
    starter = server;
    await new Promise<void>((ready) => void server.listen(0, "127.0.0.1", ready));
    return {
      URL: stage.env.SEQUENCER ?? "",
      START_DATABASE: `curl -sSf http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
  },
  async clear({ database }) {
    starter?.close();
    starter = undefined;
    // A page that failed before its start.
    if (!(await answers(database))) await database.start();
  },
};

async function answers({ query }: { query(sql: string): Promise<unknown> }): Promise<boolean> {
  return await query("SELECT 1").then(
    () => true,
    () => false,
  );
}
