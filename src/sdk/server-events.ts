import { Transient } from "./retry.ts";

/** One message of a `text/event-stream`. */
export interface ServerEvent {
  /** Undefined when it has none. */
  readonly id: string | undefined;
  readonly type: string;
  readonly data: string;
}

/** No message of ours is longer; a line that does not end is not kept without limit. */
const LONGEST = 16 * 2 ** 20;

/**
 * The messages of a `text/event-stream` (WHATWG HTML, "Server-sent events") until it ends.
 *
 * @param heard Is told of every piece that comes, comments too.
 * @throws Transient when the connection breaks, or the answer is another kind of document.
 */
export async function* readServerEvents(answer: Response, heard: () => void): AsyncGenerator<ServerEvent> {
  if (answer.body === null || !/^text\/event-stream\b/.test(answer.headers.get("content-type") ?? "")) {
    throw new Transient("the sequencer's answer is no stream of events");
  }
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let message = EMPTY;
  try {
    while (true) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw new Transient("the stream of events broke off", undefined, error);
      });
      if (done) return;
      heard();
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length + message.data.length > LONGEST)
        throw new Transient("a message of the stream is too long");
      for (const line of lines) {
        const text = line.endsWith("\r") ? line.slice(0, -1) : line;
        if (text !== "") message = withField(message, text);
        else {
          // A message without data is none, e.g. a comment that keeps the connection alive.
          if (message.data !== "") yield { ...message, data: message.data.slice(0, -1) };
          message = EMPTY;
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

const EMPTY: ServerEvent = { id: undefined, type: "message", data: "" };

function withField(message: ServerEvent, line: string): ServerEvent {
  const colon = line.indexOf(":");
  const name = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
  if (name === "data") return { ...message, data: `${message.data}${value}\n` };
  if (name === "id") return { ...message, id: value };
  return name === "event" ? { ...message, type: value } : message;
}
