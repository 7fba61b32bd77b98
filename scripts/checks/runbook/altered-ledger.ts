import { createServer, type IncomingMessage } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { Block } from "../../../src/aleo/block.ts";
import { type LoopbackServer, onLoopback } from "./loopback.ts";

/** What is not as it should be with a node of Aleo's ledger. */
export interface Alteration {
  /** It stands still at this block, as one of a public network: it does not let on that it is a development ledger. */
  readonly newest?: number;
  /** Every third answer comes so much later; milliseconds. */
  readonly hangs?: number;
  /** Blocks up to a height are shown as so many seconds older than they are. */
  readonly past?: { readonly upTo: number; readonly seconds: number };
}

interface Told {
  readonly status: number;
  readonly text: string;
}

/** Puts itself in front of a node and hands everything on that it does not alter. @param upstream URL of the node. */
export async function startAlteredLedger(upstream: string, alteration: Alteration): Promise<LoopbackServer> {
  let asked = 0;
  const server = createServer(async (request, response) => {
    asked += 1;
    if (alteration.hangs !== undefined && asked % 3 === 0) await pause(alteration.hangs);
    const told = await tell(upstream, request, alteration).catch(() => undefined);
    if (told === undefined) return void response.destroy();
    response.writeHead(told.status, { "content-type": "application/json" }).end(told.text);
  });
  return await onLoopback(server);
}

async function tell(upstream: string, request: IncomingMessage, { newest, past }: Alteration): Promise<Told> {
  let path = request.url ?? "/";
  if (newest !== undefined) {
    if (path.endsWith("/block/height/latest")) return { status: 200, text: String(newest) };
    if (path.endsWith("/snapshots")) return { status: 404, text: '"not found"' };
    path = path.replace(/\/block\/latest$/, `/block/${newest}`);
  }
  const told = await askNode(upstream + path, request);
  if (past === undefined || told.status !== 200 || !/\/blocks?[/?](?!height)/.test(path)) return told;
  const read = JSON.parse(told.text) as Block | Block[];
  for (const { header } of Array.isArray(read) ? read : [read])
    if (header.metadata.height <= past.upTo) header.metadata.timestamp -= past.seconds;
  return { ...told, text: JSON.stringify(read) };
}

async function askNode(url: string, request: IncomingMessage): Promise<Told> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const sent =
    request.method === "POST"
      ? { method: "POST", body: Buffer.concat(chunks), headers: { "content-type": "application/json" } }
      : {};
  const answer = await fetch(url, sent);
  return { status: answer.status, text: await answer.text() };
}
