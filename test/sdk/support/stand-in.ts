import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { toHex } from "../../../src/core/bytes.ts";
import type { Json } from "../../../src/core/json.ts";
import {
  buildReceipt,
  checkpointText,
  eventLeaf,
  eventToJson,
  LogTree,
  noteText,
  parseEvent,
  type Receipt,
  receiptToJson,
  sequencedEventToJson,
  signNote,
  streamId,
  type VesEvent,
} from "../../../src/core/log/index.ts";
import { AGENT, STORE, signerOf, TENANT } from "../../core/log/support.ts";

/** What a client may be handed instead of, or after, the right answer. */
export type Fault =
  /** Cut before the event is taken, or after it, before the answer. */
  "cut before" | "cut after" | "no JSON" | { readonly status: number; readonly retryAfter?: string };

export const TOKEN = "px_test_0123456789";
export const RECEIPT_SIGNER = signerOf(new Uint8Array(32).fill(0x51));
export const CHECKPOINT_SIGNER = signerOf(new Uint8Array(32).fill(0x52));

interface Entry {
  readonly event: VesEvent;
  readonly receipt: Receipt;
}

/**
 * A sequencer for the SDK's tests of faults that a real one does not show on request: it keeps one stream in memory, signs
 * real receipts and checkpoints, and breaks off, refuses or lies when told to.
 */
export class StandIn {
  readonly entries: Entry[] = [];
  /** Bodies of POSTs as they came. */
  readonly bodies: string[] = [];
  /** Paths as they came. */
  readonly asked: string[] = [];
  readonly keys = new Map<string, { key_id: number; public_key: string }>();
  /** Taken one a request, first first. */
  faults: (Fault | undefined)[] = [];
  /** Changes what is answered. */
  lie: (path: string, answer: Json) => Json = (_path, answer) => answer;
  /** Statuses of lines of a batch, by event id, one a time. */
  readonly lineFaults = new Map<string, number[]>();
  receiptKeyId = 1;
  /** Of a batch. */
  mostLines = 1000;
  /** A tail ends after so many events. */
  tailLength = Number.POSITIVE_INFINITY;
  /** What its checkpoints are of. */
  stream = { tenant: TENANT, store: STORE };
  readonly #server: Server;
  readonly #tails = new Set<() => void>();
  readonly #tree = new LogTree();

  constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        // A test's lie that fails is the test's fault: it must not look like a cut.
        console.error(error);
        problem(response, 400);
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Takes an event as if it had been sent. */
  async take(event: VesEvent): Promise<{ entry: Entry; duplicate: boolean }> {
    const before = this.entries.find((each) => each.event.eventId === event.eventId);
    if (before !== undefined) return { entry: before, duplicate: true };
    const sequence = BigInt(this.entries.length + 1);
    const receipt = await buildReceipt(
      { sequence, event },
      { sequencedAt: 1_700_000_000_000n + sequence, keyId: this.receiptKeyId, signer: RECEIPT_SIGNER },
    );
    const entry = { event, receipt };
    this.entries.push(entry);
    this.#tree.append(eventLeaf({ sequence, event }));
    for (const wake of this.#tails) wake();
    return { entry, duplicate: false };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://stand.in");
    this.asked.push(`${request.method} ${url.pathname}${url.search}`);
    let body = "";
    for await (const chunk of request) body += chunk;
    if (request.method === "POST") this.bodies.push(body);
    const fault = this.faults.shift();
    if (fault === "cut before") return void request.socket.destroy();
    if (typeof fault === "object") return problem(response, fault.status, fault.retryAfter);
    if (request.headers.authorization !== `Bearer ${TOKEN}` && url.pathname !== "/v1/keys")
      return problem(response, 401);
    const path = url.pathname.replace(`/v1/stores/${STORE}`, "").replace("/v1", "");
    if (path === "/events/stream") return this.#tail(url, request, response);
    if (path === "/checkpoint") return void response.end(await this.#checkpoint());
    if (path === "/events/batch") return this.#batch(body, response, fault);
    const answer = await this.#resource(path, url, body, request.method === "POST");
    if (fault === "cut after") return void request.socket.destroy();
    if (fault === "no JSON") return void response.end("<html>a proxy's page</html>");
    if (answer === undefined) return problem(response, 404);
    if (typeof answer === "number") return problem(response, answer);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(this.lie(path, answer)));
  }

  async #resource(path: string, url: URL, body: string, post: boolean): Promise<Json | number | undefined> {
    const [, first, second, third] = path.split("/");
    const number = (name: string): number => Number(url.searchParams.get(name));
    if (path === "" && post) return { store_id: STORE };
    if (path === "/keys") return this.#published();
    if (path === "/events" && post) return answerOf(await this.take(parseEvent(JSON.parse(body))));
    if (path === "/events") {
      const from = number("from");
      const events = this.entries.slice(from - 1, from - 1 + number("limit"));
      const next = from + events.length;
      return { events: events.map(logged), next: next > this.entries.length ? null : String(next) };
    }
    if (first === "entities") return { events: this.#ofEntity(second ?? "", third ?? ""), next: null };
    if (second === "by-id") return this.entries.filter(({ event }) => event.eventId === third).map(logged)[0];
    if (first === "events") return this.entries.slice(Number(second) - 1, Number(second)).map(logged)[0];
    if (first === "receipts") {
      const entry = this.entries.find(({ event }) => event.eventId === second);
      return entry && receiptJson(entry.receipt);
    }
    if (path === "/head") {
      return {
        sequence_number: String(this.entries.length),
        checkpoint_size: String(this.entries.length),
        batch: null,
      };
    }
    if (path === "/proofs/inclusion") {
      const paths = this.#tree.inclusionPath(number("sequence") - 1, number("size"));
      return {
        sequence: url.searchParams.get("sequence"),
        size: String(number("size")),
        path: paths.map(toHex),
      };
    }
    if (path === "/proofs/consistency") {
      return { path: this.#tree.consistencyPath(number("from"), number("to")).map(toHex) };
    }
    if (first === "agents" && third === "keys") return this.#agentKeys(second ?? "", body, post);
    return undefined;
  }

  #ofEntity(type: string, id: string): Json[] {
    return this.entries
      .filter(({ event }) => event.entityType === type && event.entityId === decodeURIComponent(id))
      .map((entry, i) => ({ ...(logged(entry) as { [name: string]: Json }), entity_version: String(i + 1) }));
  }

  #agentKeys(agent: string, body: string, post: boolean): Json | number {
    const key = this.keys.get(agent);
    if (!post) return { keys: key === undefined ? [] : [key] };
    if (key !== undefined) return 409;
    const { key_id, public_key } = JSON.parse(body);
    this.keys.set(agent, { key_id, public_key });
    return { key_id };
  }

  #published(): Json {
    const receipt = {
      purpose: "receipt",
      key_id: this.receiptKeyId,
      public_key: toHex(RECEIPT_SIGNER.publicKey),
    };
    const checkpoint = { purpose: "checkpoint", key_id: 1, public_key: toHex(CHECKPOINT_SIGNER.publicKey) };
    return {
      keys: [receipt, checkpoint, { purpose: "registrar", key_id: 1, public_key: toHex(AGENT.publicKey) }],
    };
  }

  async #checkpoint(): Promise<string> {
    const origin = `stand.in/${toHex(streamId(this.stream.tenant, this.stream.store)).slice(2)}`;
    const text = checkpointText({ origin, size: BigInt(this.entries.length), root: this.#tree.root() });
    return noteText(await signNote(text, [{ ...CHECKPOINT_SIGNER, name: origin }]));
  }

  async #batch(body: string, response: ServerResponse, fault: Fault | undefined): Promise<void> {
    if (body.trimEnd().split("\n").length > this.mostLines) return problem(response, 413);
    const lines: Json[] = [];
    for (const [i, text] of body.trimEnd().split("\n").entries()) {
      const event = parseEvent(JSON.parse(text));
      const status = this.lineFaults.get(event.eventId)?.shift();
      lines.push(
        status === undefined
          ? { line: i + 1, status: 201, ...answerOf(await this.take(event)) }
          : {
              line: i + 1,
              status,
              retry_after: 0,
              problem: { code: `code-${status}`, title: "No", detail: "told so" },
            },
      );
    }
    response.setHeader("content-type", "application/x-ndjson");
    const answers = this.lie("/events/batch", lines) as Json[];
    const text = answers.map((line) => `${JSON.stringify(line)}\n`).join("");
    if (fault !== "cut after") return void response.end(text);
    // With half of what it says.
    response.setHeader("content-length", text.length);
    response.write(text.slice(0, text.length / 2), () => response.socket?.destroy());
  }

  async #tail(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(": welcome\n\n");
    const last = request.headers["last-event-id"];
    let next = last === undefined ? Number(url.searchParams.get("from")) : Number(last) + 1;
    let sent = 0;
    while (!response.destroyed) {
      const entry = this.entries[next - 1];
      if (entry === undefined) {
        await new Promise<void>((resolve) => {
          this.#tails.add(resolve);
          response.once("close", resolve);
        });
        continue;
      }
      // A cut, but behind what was written.
      if (sent >= this.tailLength) return void response.socket?.destroySoon();
      const data = JSON.stringify(this.lie("/events/stream", logged(entry)));
      response.write(`id: ${next}\r\nevent: event\r\ndata: ${data}\r\n\r\n`);
      next += 1;
      sent += 1;
    }
  }
}

const receiptJson = (receipt: Receipt): Json => receiptToJson(receipt);

function answerOf({ entry, duplicate }: { entry: Entry; duplicate: boolean }): { [name: string]: Json } {
  const { receipt } = entry;
  return {
    receipt: receiptJson(receipt),
    sequence_number: String(receipt.sequence),
    entity_version: "1",
    duplicate,
  };
}

const logged = ({ event, receipt }: Entry): Json => ({
  event: sequencedEventToJson({ sequence: receipt.sequence, event }),
  receipt: receiptJson(receipt),
  entity_version: "1",
});

function problem(response: ServerResponse, status: number, retryAfter?: string): void {
  response.writeHead(status, {
    "content-type": "application/problem+json",
    ...(retryAfter === undefined ? {} : { "retry-after": retryAfter }),
  });
  const body = {
    type: `urn:proofx:problem:code-${status}`,
    code: `code-${status}`,
    title: "No",
    detail: "told so",
  };
  response.end(
    JSON.stringify({ ...body, status, errors: [{ pointer: "#/entity_type", detail: "another" }] }),
  );
}

/** For tests that compare what arrived. */
export const wire = (event: VesEvent): string => JSON.stringify(eventToJson(event));
