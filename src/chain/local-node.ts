import type { ChildProcess } from "node:child_process";
import { createServer } from "node:net";

const KEPT = 40;

/** Keeps the last lines that a node's process wrote, for the message of its failure, and hands each one on. */
export function lastWords(child: ChildProcess, onLog?: (line: string) => void): () => readonly string[] {
  const kept: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    stream?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines.filter((each) => each.trim() !== "")) {
        kept.push(line);
        if (kept.length > KEPT) kept.shift();
        onLog?.(line);
      }
    });
  }
  child.once("error", (error) => kept.push(error.message));
  return () => kept;
}

/** Free ports of the loopback interface, for a program that takes no port 0; found all at once, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            resolve(typeof address === "object" && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
