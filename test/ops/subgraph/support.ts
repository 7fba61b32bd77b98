import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { findGnd } from "../../../src/ops/subgraph/tools.ts";
import { skipFor } from "../../support/needs.ts";

/** Skips where The Graph's node does not run, which npm has for Linux on x64 alone. */
export function needsGnd(context: Mocha.Context): void {
  try {
    findGnd();
  } catch {
    skipFor(context, { command: "gnd", install: "npm install, on Linux on x64" });
  }
}

/** A graph-node's administrative side and its IPFS, which take everything and keep what they were given. */
export interface RecordingGraphNode {
  readonly node: string;
  readonly ipfs: string;
  /** Calls by method, with their parameters. */
  readonly calls: { method: string; params: Record<string, unknown> }[];
  /** Texts of the files that were added, in their order. */
  readonly files: string[];
  close(): Promise<void>;
}

/** Starts both on one port; a file's hash is made from its place in the order. */
export async function startRecordingGraphNode(): Promise<RecordingGraphNode> {
  const calls: RecordingGraphNode["calls"] = [];
  const files: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("latin1");
      if (request.url?.startsWith("/api/v0/") === true) {
        files.push(body);
        response.end(JSON.stringify({ Name: "file", Hash: hashOf(files.length), Size: `${body.length}` }));
        return;
      }
      if (body === "") {
        // Nobody's: on a machine with other tests, what another port's client sends to the one that took its place.
        response.writeHead(404).end();
        return;
      }
      const { id, method, params } = JSON.parse(body);
      calls.push({ method, params });
      const result = {
        id: "1",
        playground: ":8000/subgraphs/name/x/graphql",
        queries: ":8000/subgraphs/name/x",
      };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { node: url, ipfs: url, calls, files, close };
}

/** Of the form of a CIDv0. */
function hashOf(number: number): string {
  return `Qm${"abcdefghi"[number % 9]?.repeat(44) ?? ""}`;
}
