import { Refusal } from "../../sequencer/ingest/index.ts";
import { Problem } from "../support/problem.ts";

/** The log's refusal as a problem; anything else is passed on. */
export function problemFor(error: unknown): unknown {
  if (!(error instanceof Refusal)) return error;
  const { code, detail, pointer, retryAfter } = error;
  return new Problem(code, detail, {
    cause: error,
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(pointer === undefined ? {} : { errors: [{ pointer: `#${pointer}`, detail }] }),
  });
}
