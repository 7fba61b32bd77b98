import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came, without its credentials. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown> | undefined;
}

/** Stands in for OpenZeppelin's closed service: keeps monitors as the SDK's types have them and records what it is asked. */
export interface RecordedDefender {
  /** What the API would be called. */
  readonly endpoint: string;
  readonly requests: RecordedRequest[];
  readonly monitors: Map<string, Record<string, unknown>>;
  /** Makes the answer to the next request of a kind get lost after it was carried out: status 502. */
  loseNext(method: string): void;
  /** The key is not good any more: status 403 from now on. */
  revoke(): void;
  close(): Promise<void>;
}

/** @param accepted `KEY:SECRET` that it takes. */
export async function startRecordedDefender(accepted: string): Promise<RecordedDefender> {
  const requests: RecordedRequest[] = [];
  const monitors = new Map<string, Record<string, unknown>>();
  let lost: string | undefined;
  let revoked = false;
  let next = 1;
  const answer = ({ method, path, body }: RecordedRequest): { status: number; value: unknown } => {
    const id = path.split("/").at(-1) ?? "";
    if (path === "/v2/auth/login") {
      const good = `${body?.apiKey}:${body?.secretKey}` === accepted;
      return good
        ? { status: 200, value: { accessToken: "t", refreshToken: "r" } }
        : { status: 401, value: {} };
    }
    if (revoked) return { status: 403, value: {} };
    if (path === "/v2/blockwatchers") return { status: 200, value: WATCHERS };
    if (path === "/v2/notifications") return { status: 200, value: CHANNELS };
    if (method === "GET") return { status: 200, value: { items: [...monitors.values()] } };
    if (method === "DELETE") {
      monitors.delete(id);
      return { status: 200, value: { message: "deleted" } };
    }
    const monitorId = method === "POST" ? `monitor-${next++}` : id;
    const value = method === "POST" ? { ...body, monitorId } : updated(monitors.get(id) ?? {}, body ?? {});
    monitors.set(monitorId, value);
    return { status: 200, value };
  };
  const server = createServer(async (request, response) => {
    const came = await recorded(request);
    requests.push(came);
    const { status, value } = answer(came);
    const breaks = lost === came.method && came.path.startsWith("/v2/monitors");
    if (breaks) lost = undefined;
    response.writeHead(breaks ? 502 : status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/`,
    requests,
    monitors,
    loseNext: (method) => {
      lost = method;
    },
    revoke: () => {
      revoked = true;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const WATCHERS = [1, 5, 12].map((confirmLevel) => ({
  blockWatcherId: `sepolia-${confirmLevel}`,
  network: "sepolia",
  confirmLevel,
  blockIntervalMs: 12_000,
}));
const CHANNELS = [
  { notificationId: "on-call", type: "pager-duty", name: "On call", config: {} },
  { notificationId: "others", type: "slack", name: "Others", config: {} },
];

async function recorded(request: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    body: text === "" ? undefined : (JSON.parse(text) as Record<string, unknown>),
  };
}

/** The SDK sends an update as it was given, in the form of a creation's arguments; the service translated it. */
function updated(stored: Record<string, unknown>, asked: Record<string, unknown>): Record<string, unknown> {
  const conditions = (asked.eventConditions as object[]).map((condition) => ({
    eventConditions: [condition],
    txConditions: [],
    functionConditions: [],
  }));
  return {
    ...stored,
    name: asked.name,
    network: asked.network,
    paused: asked.paused ?? false,
    riskCategory: asked.riskCategory,
    alertThreshold: asked.alertThreshold,
    stackResourceId: asked.stackResourceId,
    blockWatcherId: `${asked.network}-${asked.confirmLevel}`,
    addressRules: [{ conditions, addresses: asked.addresses, abi: asked.abi }],
    notifyConfig: {
      severityLevel: asked.severityLevel,
      messageSubject: asked.alertMessageSubject,
      messageBody: asked.alertMessageBody,
      notifications: CHANNELS.filter(({ notificationId }) =>
        (asked.notificationChannels as string[]).includes(notificationId),
      ),
      timeoutMs: 0,
    },
  };
}
