import { z } from "zod";
import type { HttpServer } from "../support/http.ts";
import { Problem, problemBody } from "../support/problem.ts";
import type { WitnessCounters } from "./metrics.ts";
import type { Witness } from "./witness.ts";

/** The content type that tlog-witness has for the size in a 409. */
export const SIZE_TYPE = "text/x.tlog.size";

/** `POST /add-checkpoint` of c2sp.org/tlog-witness, and the witness's face under `/v1`. */
export function addWitnessRoutes(
  server: HttpServer,
  { witness, vkey, counters }: { witness: Witness; vkey: string; counters: WitnessCounters },
): void {
  const face = z.object({
    vkey: z.string(),
    logs: z.array(z.object({ origin: z.string(), size: z.string() })),
  });
  server.get(
    "/v1/witness",
    { schema: { summary: "Its verifier key, and what it cosigned last", response: { 200: face } } },
    async () => ({
      vkey,
      logs: witness.sizes().map(({ origin, size }) => ({ origin, size: size.toString() })),
    }),
  );
  void server.register(async (plain) => {
    const inner = plain as unknown as HttpServer;
    // The protocol names no content type, so whatever comes is the body.
    inner.removeAllContentTypeParsers();
    inner.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    inner.post(
      "/add-checkpoint",
      {
        schema: {
          summary: "Cosigns a checkpoint that extends the one cosigned last (c2sp.org/tlog-witness)",
          consumes: ["text/plain"],
          response: {
            200: { description: "Cosignature lines", content: text("text/plain") },
            409: {
              description: "The size cosigned last; a problem when the log signed another root for it",
              content: { ...text(SIZE_TYPE), "application/problem+json": { schema: problemBody } },
            },
            default: problemBody,
          },
        },
      },
      async ({ body }, reply) => {
        const answer = await witness
          .add(body instanceof Uint8Array ? body : new Uint8Array())
          .catch((error: unknown): never => {
            counters.refused.inc({ cause: error instanceof Problem ? error.code : "internal" });
            throw error;
          });
        if (answer.kind === "stale") {
          counters.refused.inc({ cause: "stale" });
          return reply.code(409).type(SIZE_TYPE).send(`${answer.size}\n`);
        }
        counters.cosigned.inc({ origin: answer.origin });
        return reply.type("text/plain; charset=utf-8").send(answer.lines);
      },
    );
  });
}

function text(type: string) {
  return { [type]: { schema: z.string() } };
}
