import { z } from "zod";
import { type ProofFileText, proofFileText } from "../../chain/proof-file.ts";
import type { Outbox } from "../../chain/relay/outbox.ts";
import { STATES, type SubmissionRecord } from "../../chain/relay/record.ts";
import type { Relay } from "../../chain/relay/relay.ts";
import type { HttpServer } from "../support/http.ts";
import { Problem, problemBody } from "../support/problem.ts";
import { submissionView, viewOf } from "./view.ts";

/** Whom the relayer works for, as clients have to name it in their proofs. */
export interface RelayerFace {
  readonly chainId: string;
  readonly verifier: string;
  readonly submitter: string;
  readonly signer: string;
}

export interface RelayerRoutes {
  readonly face: RelayerFace;
  readonly outbox: Outbox;
  readonly relay: Relay;
  readonly queueLength: number;
  authorise(authorization: string | undefined): void;
  /** Whether another transaction would be above the limit on spending. */
  spent(): boolean;
}

const RETRY_AFTER = 60;
const idempotencyKey = /^[\x21-\x7e]{1,200}$/;

const body = proofFileText.meta({ id: "ProofFile", description: "What `hardhat prove` writes" });

/** `/v1`: submissions in, their state out. Everything but the relayer's face wants the token. */
export function addRelayerRoutes(server: HttpServer, routes: RelayerRoutes): void {
  const { face, outbox, relay } = routes;
  const faceView = z.object({
    chainId: z.string(),
    verifier: z.string(),
    submitter: z.string(),
    signer: z.string(),
  });
  server.get(
    "/v1/relayer",
    { schema: { summary: "What a proof must name to be taken here", response: { 200: faceView } } },
    async () => face,
  );
  const view = (record: SubmissionRecord) => viewOf(record, relay.waiting(record.id));
  const find = (id: string): SubmissionRecord => {
    const record = outbox.get(id);
    if (record === undefined) throw new Problem("not-found", "there is no such submission");
    return record;
  };
  void server.register(async (plain) => {
    const inner = plain as unknown as HttpServer;
    inner.addHook("onRequest", async (request, reply) => {
      reply.header("www-authenticate", "Bearer");
      routes.authorise(request.headers.authorization);
      reply.removeHeader("www-authenticate");
    });
    addSubmit(inner, routes, view);
    addQueries(inner, outbox, find, view);
    inner.post(
      "/v1/submissions/:id/cancel",
      {
        schema: {
          summary: "Takes a submission back that nobody has vouched for yet",
          params,
          response: { 200: submissionView, default: problemBody },
        },
      },
      async ({ params: { id } }) => {
        if (!relay.cancel(find(id))) throw new Problem("too-late", "it is signed, or has ended");
        return view(find(id));
      },
    );
  });
}

const params = z.object({ id: z.string() });

function addSubmit(
  server: HttpServer,
  routes: RelayerRoutes,
  view: (record: SubmissionRecord) => z.infer<typeof submissionView>,
): void {
  const { outbox, relay, queueLength } = routes;
  server.post(
    "/v1/submissions",
    {
      schema: {
        summary: "Takes a proof to be vouched for and sent; it is kept before this answers",
        headers: z.looseObject({ "idempotency-key": z.string().optional() }),
        body,
        response: { 202: submissionView, default: problemBody },
      },
    },
    async ({ headers, body: statement }, reply) => {
      const key = headers["idempotency-key"];
      if (key === undefined || !idempotencyKey.test(key))
        throw new Problem("idempotency-key-missing", "expected 1 to 200 visible ASCII characters");
      if (outbox.byKey(key) === undefined) {
        requireFitting(statement, routes.face);
        if (outbox.unfinished().length >= queueLength)
          throw new Problem("queue-full", `${queueLength} submissions wait`, { retryAfter: RETRY_AFTER });
        if (routes.spent())
          throw new Problem("spending-limit", "nothing more may be spent now", { retryAfter: RETRY_AFTER });
      }
      const accepted = outbox.accept(key, statement);
      if (accepted.kind === "conflict")
        throw new Problem("idempotency-key-reused", "it was sent with another proof file");
      if (accepted.kind === "new") relay.wake();
      return reply
        .code(202)
        .header("location", `/v1/submissions/${accepted.record.id}`)
        .send(view(accepted.record));
    },
  );
}

const MOST = 500;

function addQueries(
  server: HttpServer,
  outbox: Outbox,
  find: (id: string) => SubmissionRecord,
  view: (record: SubmissionRecord) => z.infer<typeof submissionView>,
): void {
  server.get(
    "/v1/submissions/:id",
    {
      schema: {
        summary: "One submission",
        params,
        response: { 200: submissionView, default: problemBody },
      },
    },
    async ({ params: { id } }) => view(find(id)),
  );
  const querystring = z.object({
    state: z.enum(STATES).optional(),
    limit: z.coerce.number().int().min(1).max(MOST).default(100),
  });
  const list = z.object({ submissions: z.array(submissionView), total: z.int() });
  server.get(
    "/v1/submissions",
    {
      schema: {
        summary: "Submissions, newest first",
        querystring,
        response: { 200: list, default: problemBody },
      },
    },
    async ({ query: { state, limit } }) => {
      const all = outbox.all().filter((record) => state === undefined || record.state === state);
      return { submissions: all.reverse().slice(0, limit).map(view), total: all.length };
    },
  );
}

function requireFitting({ chainId, verifier, claim }: ProofFileText, face: RelayerFace): void {
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  const faults = [
    ...(chainId === face.chainId ? [] : [{ pointer: "#/chainId", detail: face.chainId }]),
    ...(same(verifier, face.verifier) ? [] : [{ pointer: "#/verifier", detail: face.verifier }]),
    ...(same(claim.submitter, face.submitter)
      ? []
      : [{ pointer: "#/claim/submitter", detail: face.submitter }]),
  ];
  if (faults.length > 0)
    throw new Problem("wrong-deployment", "the proof is not for this relayer", { errors: faults });
  if (BigInt(claim.deadline) * 1000n <= BigInt(Date.now()))
    throw new Problem("deadline-passed", "the claim's deadline has passed");
}
