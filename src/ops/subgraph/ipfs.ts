import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { cidOf, LARGEST_FILE } from "./cid.ts";

/** The part of IPFS that a graph-node of this machine is given: files come in by its HTTP interface and lie in a folder. */
export interface LocalIpfs {
  readonly url: string;
  close(): Promise<void>;
}

/** What a form adds to its file, at most; bytes. */
const FORM = 4_096;
const CID = /^Qm[1-9A-HJ-NP-Za-km-z]{44}$/;

/**
 * Starts it on a free port of 127.0.0.1. It speaks to nobody else: what it has was added here, by `POST /api/v0/add`, under the name that
 * every IPFS node would give it.
 *
 * @param folder Where the files are, by these names; `gnd dev` reads the files of a deployment there.
 */
export async function startLocalIpfs(folder: string): Promise<LocalIpfs> {
  const server = createServer((request, response) => {
    answer(folder, request, response).catch((error: unknown) => {
      response.writeHead(500).end(JSON.stringify({ Message: String(error), Type: "error" }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${portOf(server)}`, close: () => closed(server) };
}

async function answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
  const cid = searchParams.get("arg") ?? "";
  if (request.method === "POST" && pathname === "/api/v0/add") {
    const { name, file } = await received(request);
    const Hash = cidOf(file);
    // Whole or not at all: whoever reads the folder may come at any time.
    writeFileSync(join(folder, `.${Hash}`), file, { mode: 0o644 });
    renameSync(join(folder, `.${Hash}`), join(folder, Hash));
    response.setHeader("content-type", "application/json");
    response.end(`${JSON.stringify({ Name: name, Hash, Size: `${file.length}` })}\n`);
  } else if (request.method === "POST" && pathname === "/api/v0/cat" && CID.test(cid)) {
    request.resume();
    response.end(readFileSync(join(folder, cid)));
  } else {
    request.resume();
    // Graph-node asks by HEAD whether this is IPFS at all, and any answer of an IPFS server to that is enough.
    response.writeHead(request.method === "HEAD" ? 412 : 404).end();
  }
}

async function received(request: IncomingMessage): Promise<{ name: string; file: Uint8Array }> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LARGEST_FILE + FORM) throw new Error(`more than ${LARGEST_FILE} bytes`);
    chunks.push(chunk);
  }
  const headers = { "content-type": request.headers["content-type"] ?? "" };
  const [file] = [...(await new Response(Buffer.concat(chunks), { headers }).formData()).values()];
  if (typeof file !== "object") throw new Error("a form with one file is wanted");
  return { name: file.name, file: new Uint8Array(await file.arrayBuffer()) };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
