import { createServer } from "node:http";
import { type LoopbackServer, onLoopback } from "./loopback.ts";

/** A call as JSON-RPC has it. */
export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What a node says in place of the real one; undefined: what the real one says. */
export type Told = (call: RpcCall) => unknown;

/** An RPC endpoint that falsifies some answers, and hands everything else on to the real one. @param upstream URL of the real one. */
export async function startRpcFront(upstream: string, told: Told): Promise<LoopbackServer> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { id, method, params = [] } = JSON.parse(body) as RpcCall & { readonly id?: unknown };
    response.setHeader("content-type", "application/json");
    const result = told({ method, params });
    if (result !== undefined) {
      response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
      return;
    }
    const headers = { "content-type": "application/json" };
    const answer = await fetch(upstream, { method: "POST", body, headers }).catch(() => undefined);
    if (answer === undefined) response.destroy();
    else response.end(await answer.text());
  });
  return await onLoopback(server);
}
