import type { FastifyReply } from "fastify";
import { z } from "zod";
import type { HttpServer } from "../support/http.ts";
import { Problem, problemBody } from "../support/problem.ts";
import { circuitBody, type ServedCircuit } from "./circuits.ts";
import { proofRequest } from "./inputs.ts";
import { type Failure, hasEnded, type Job, jobBody } from "./job.ts";
import type { ProverMetrics } from "./metrics.ts";
import { preferredWait } from "./preference.ts";
import type { JobQueue } from "./queue.ts";

export interface RouteParts {
  readonly circuits: readonly ServedCircuit[];
  readonly queue: JobQueue;
  readonly metrics: Pick<ProverMetrics, "rejected">;
  /** Milliseconds a synchronous request waits when its client does not say. */
  readonly longestWait: number;
}

type Request = z.output<typeof proofRequest>;

/** Milliseconds a connection may be silent beyond the wait that was agreed on. */
const SILENCE = 10_000;

const KEY_FORM = "1 to 128 visible ASCII characters";
const submission = z.looseObject({
  "idempotency-key": z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, { error: KEY_FORM })
    .optional()
    .meta({ description: "The same key and body mean the same job, as long as its result is kept" }),
});
const synchronous = submission.extend({
  prefer: z.string().max(1_000).optional().meta({ description: "wait=SECONDS or respond-async (RFC 7240)" }),
});
const jobPath = z.object({ id: z.string().max(64) });

/** Adds the prover's routes. */
export function addProverRoutes(server: HttpServer, parts: RouteParts): void {
  addCircuits(server, parts);
  addProofs(server, parts);
  addJobs(server, parts);
}

function addCircuits(server: HttpServer, { circuits }: RouteParts): void {
  const list = z.object({ circuits: z.array(circuitBody) });
  server.get(
    "/v1/circuits",
    {
      schema: {
        summary: "Circuit versions, their keys, the order of their signals",
        response: { 200: list },
      },
    },
    async () => ({ circuits: circuits.map(({ about }) => about) }),
  );
}

function addProofs(server: HttpServer, parts: RouteParts): void {
  const schema = {
    summary: "Prove and wait for it",
    description: "202 with the job when the client's or the service's patience ends first.",
    headers: synchronous,
    body: proofRequest,
    response: { 200: jobBody, 202: jobBody, "4xx": problemBody, "5xx": problemBody },
  };
  server.post("/v1/proofs", { schema }, async ({ body, headers }, reply) => {
    const key = headers["idempotency-key"];
    const { id } = await submit(parts, body, key);
    const wait = Math.min(preferredWait(headers.prefer) ?? parts.longestWait, parts.longestWait);
    // The connection is silent meanwhile, and would be taken for a dead one.
    reply.raw.socket?.setTimeout(wait + SILENCE);
    const gone = onceGone(reply);
    const job = await parts.queue.settled(id, wait, gone);
    // Without a key nobody else knows of the job.
    if (gone.aborted && key === undefined) await parts.queue.cancel(id);
    if (job === undefined) throw unknownJob();
    if (!hasEnded(job)) return accepted(reply, job);
    if (job.problem !== undefined) throw problemOfJob(job.problem);
    return reply.code(200).send(job);
  });
}

function addJobs(server: HttpServer, { queue, ...parts }: RouteParts): void {
  const answers = { "4xx": problemBody, "5xx": problemBody };
  server.post(
    "/v1/jobs",
    {
      schema: {
        summary: "Put a proof into the queue",
        headers: submission,
        body: proofRequest,
        response: { 202: jobBody, ...answers },
      },
    },
    async ({ body, headers }, reply) =>
      accepted(reply, await submit({ queue, ...parts }, body, headers["idempotency-key"])),
  );
  server.get(
    "/v1/jobs/:id",
    { schema: { summary: "A job and its result", params: jobPath, response: { 200: jobBody, ...answers } } },
    async ({ params }, reply) => {
      const job = await queue.find(params.id);
      if (job === undefined) throw unknownJob();
      return reply.code(200).header("cache-control", "no-store").send(job);
    },
  );
  server.delete(
    "/v1/jobs/:id",
    {
      schema: {
        summary: "Cancel a job",
        description: "One that has ended stays as it is.",
        params: jobPath,
        response: { 200: jobBody, ...answers },
      },
    },
    async ({ params }, reply) => {
      const job = await queue.cancel(params.id);
      if (job === undefined) throw unknownJob();
      return reply.code(200).send(job);
    },
  );
}

async function submit(
  { circuits, queue, metrics }: Omit<RouteParts, "longestWait">,
  body: Request,
  key?: string,
) {
  try {
    if (!circuits.some(({ version }) => version === body.circuitVersion)) {
      const known = circuits.map(({ version }) => version).join(", ");
      throw new Problem("unknown-circuit-version", `this prover has ${known}`);
    }
    return await queue.submit({ ...body, key });
  } catch (error) {
    if (error instanceof Problem) metrics.rejected(error.code);
    throw error;
  }
}

function accepted(reply: FastifyReply, job: Job): FastifyReply {
  return reply.code(202).header("location", `/v1/jobs/${job.id}`).send(job);
}

/** Aborts when the client hangs up before it has its answer. */
function onceGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once("close", () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** A job that fell to the service's stop can be sent to another at once. */
const problemOfJob = ({ code, detail }: Failure): Problem =>
  new Problem(code, detail, code === "stopping" ? { retryAfter: 1 } : {});

const unknownJob = (): Problem => new Problem("job-not-found", "no job of this id, or no longer");
