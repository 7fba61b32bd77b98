import type { Caller } from "../../sequencer/auth/index.ts";
import type { Accepted } from "../../sequencer/ingest/index.ts";
import { Problem } from "../support/problem.ts";
import type { RouteParts } from "./parts.ts";
import { problemFor } from "./refusal.ts";

/** Hands an event to the log, counts it, and tells who follows the stream. @throws Problem */
export async function sendEvent(
  { access, ingest, heads, metrics }: Pick<RouteParts, "access" | "ingest" | "heads" | "metrics">,
  caller: Caller,
  store: string,
  json: unknown,
): Promise<Accepted> {
  try {
    const accepted = await metrics.whileWaiting(() => ingest.submit(caller, store, json));
    metrics.accepted(accepted.duplicate);
    heads.moved({ tenant: caller.tenant, store }, accepted.sequence);
    return accepted;
  } catch (error) {
    const problem = problemFor(error);
    const code = problem instanceof Problem ? problem.code : "internal";
    metrics.refused(code);
    access.refused(caller, code);
    throw problem;
  }
}
