import { InputError } from "../../core/errors.ts";
import { parseStrictJson } from "../../core/strict-json.ts";
import type { HttpServer } from "../support/http.ts";
import { Problem } from "../support/problem.ts";

/** Media type of a batch: one JSON document a line. */
export const NDJSON = "application/x-ndjson";

/**
 * Bodies as every reader understands them alike: what is not strict JSON is refused before it is looked at, since an event's
 * signature covers what its agent meant by it.
 */
export function readBodiesStrictly(server: HttpServer): void {
  server.removeContentTypeParser("application/json");
  server.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    async (_request: unknown, body: Buffer) => strictJson(body),
  );
  server.addContentTypeParser(NDJSON, { parseAs: "buffer" }, async (_request: unknown, body: Buffer) => body);
}

/** Reads strict JSON. @throws Problem `invalid-json` that points at the fault. */
export function strictJson(body: Uint8Array): unknown {
  try {
    return parseStrictJson(body);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const pointer = pointerOf(error.message);
    throw new Problem("invalid-json", error.message, {
      cause: error,
      ...(pointer === undefined ? {} : { errors: [{ pointer, detail: error.message }] }),
    });
  }
}

/** `$.a[1].b: ...` as a JSON pointer in a fragment. Names with dots or brackets are not taken apart: the message has them. */
function pointerOf(message: string): string | undefined {
  const path = /^\$([^:]*): /.exec(message)?.[1];
  return path === undefined ? undefined : `#${path.replaceAll(/[.[]/g, "/").replaceAll("]", "")}`;
}
