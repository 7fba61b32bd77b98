import { z } from "zod";
import { InputError } from "../../../core/errors.ts";
import { parseStrictJson } from "../../../core/strict-json.ts";
import type { Caller } from "../../../sequencer/auth/index.ts";
import type { HttpServer } from "../../support/http.ts";
import { COMMON_PROBLEMS, Problem, type ProblemCatalogue, problemType } from "../../support/problem.ts";
import type { RouteParts } from "../parts.ts";
import { SEQUENCER_PROBLEMS } from "../problems.ts";
import { sendEvent } from "../sending.ts";
import { NDJSON } from "../strict-body.ts";
import { guarded, refusals, storePath } from "./common.ts";
import { acceptedJson } from "./events.ts";

/** Most lines of a batch. */
const MOST_LINES = 1_000;
const NEWLINE = 0x0a;

/** The way in for many events at once: each line stands for itself. */
export function addBatch(server: HttpServer, parts: RouteParts): void {
  const { access, settings } = parts;
  const { onRequest, about } = guarded(access, "events:write", "events_ingest");
  server.post(
    "/v1/stores/:store/events/batch",
    {
      onRequest,
      bodyLimit: settings.batch_limit,
      schema: {
        ...about,
        summary: "Append many events, one a line; answered by a line each, in their order",
        description: `${about.description} ${NDJSON} in and out, at most ${MOST_LINES} lines. A line that is refused holds up no other; the others keep their order.`,
        params: storePath,
        consumes: [NDJSON],
        body: z.unknown(),
        response: {
          200: z
            .any()
            .meta({ description: `${NDJSON}: a line { line, status, receipt | problem } for each` }),
          ...refusals,
        },
      },
    },
    async (request, reply) => {
      const body = request.body;
      if (!Buffer.isBuffer(body))
        throw new Problem("unsupported-media-type", `expected content-type ${NDJSON}`);
      const answers = await sendLines(parts, access.callerOf(request), request.params.store, linesOf(body));
      return reply.type(NDJSON).send(answers.map((answer) => `${JSON.stringify(answer)}\n`).join(""));
    },
  );
}

/** @throws Problem for no lines or too many. */
function linesOf(body: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < body.length; ) {
    const end = body.indexOf(NEWLINE, start);
    const stop = end < 0 ? body.length : end;
    lines.push(body.subarray(start, stop));
    start = stop + 1;
    if (lines.length > MOST_LINES) throw new Problem("too-large", `at most ${MOST_LINES} lines`);
  }
  if (lines.length === 0) throw new Problem("invalid-request", "expected an event a line, got no line");
  return lines;
}

async function sendLines(
  parts: RouteParts,
  caller: Caller,
  store: string,
  lines: readonly Buffer[],
): Promise<object[]> {
  return await Promise.all(
    lines.map(async (bytes, index) => {
      const line = index + 1;
      try {
        const json = readLine(bytes, line, parts.settings.http.body_limit);
        const accepted = await sendEvent(parts, caller, store, json);
        return { line, status: accepted.duplicate ? 200 : 201, ...acceptedJson(accepted) };
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        return refusedLine(line, error);
      }
    }),
  );
}

function readLine(bytes: Buffer, line: number, most: number): unknown {
  if (bytes.length > most) throw new Problem("too-large", `at most ${most} bytes a line`);
  try {
    return parseStrictJson(bytes);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new Problem("invalid-json", `line ${line}: ${error.message}`, { cause: error });
  }
}

function refusedLine(line: number, { code, message, errors, retryAfter }: Problem): object {
  const known: ProblemCatalogue = { ...COMMON_PROBLEMS, ...SEQUENCER_PROBLEMS };
  const { status, title } = known[code] ?? { status: 500, title: code };
  const problem = { type: problemType(code), code, title, status, detail: message, errors };
  return { line, status, problem, ...(retryAfter === undefined ? {} : { retry_after: retryAfter }) };
}
