import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came. */
export interface Recorded {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The text read as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into bodies of many forms
  readonly body: any;
}

/** What the next requests are answered. */
export interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly text?: string;
}

/** Stands for a receiver on the Internet: writes down every request, and answers as it is told, else with 200. */
export interface StubReceiver {
  readonly url: string;
  readonly got: Recorded[];
  readonly answers: Answer[];
  close(): Promise<void>;
}

export async function startStub(): Promise<StubReceiver> {
  const got: Recorded[] = [];
  const answers: Answer[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    got.push({ path: request.url ?? "", headers: request.headers, text, body: JSON.parse(text) });
    const { status, headers, text: said } = answers.shift() ?? { status: 200, text: "ok" };
    response.writeHead(status, headers).end(said);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    got,
    answers,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
