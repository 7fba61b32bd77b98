import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { contributionFile, FILES } from "../../setup/ceremony/index.ts";
import type { HttpServer } from "../support/http.ts";
import { Problem, problemBody } from "../support/problem.ts";
import type { Coordinator } from "./coordinator.ts";
import {
  challengeAnswer,
  joinAnswer,
  joinRequest,
  type RecordsAnswer,
  recordsAnswer,
  submitAnswer,
  submitRequest,
  TUS_BODY,
  TUS_VERSION,
  turnAnswer,
} from "./protocol.ts";

const bearer = z.object({ authorization: z.string().regex(/^Bearer [0-9a-f]{64}$/) });
const uploadParams = z.object({ id: z.uuid() });

/** The coordinator's interface under `/v1`; nothing in it takes a file's name from a client. */
export function addCoordinatorRoutes(server: HttpServer, coordinator: Coordinator): void {
  addCeremonyRoutes(server, coordinator);
  addTurnRoutes(server, coordinator);
  addUploadRoutes(server, coordinator);
}

function addCeremonyRoutes(server: HttpServer, coordinator: Coordinator): void {
  server.get(
    "/v1/ceremony",
    {
      schema: {
        summary: "The ceremony's records, byte for byte",
        response: { 200: recordsAnswer, default: problemBody },
      },
    },
    async () => await readRecords(coordinator),
  );
  server.get(
    "/v1/keys/:index",
    {
      schema: {
        summary: "The proving key after so many contributions",
        params: z.object({ index: z.coerce.number().int().min(0).max(9999) }),
      },
    },
    async (request, reply) => {
      const path = await coordinator.keyPath(request.params.index);
      return reply.type("application/octet-stream").send(createReadStream(path));
    },
  );
}

function addTurnRoutes(server: HttpServer, coordinator: Coordinator): void {
  server.post(
    "/v1/challenges",
    {
      schema: {
        summary: "A challenge to sign for joining, valid two minutes and once",
        response: { 201: challengeAnswer, default: problemBody },
      },
    },
    async (_request, reply) => reply.code(201).send({ challenge: coordinator.challenge() }),
  );
  server.post(
    "/v1/contributors",
    {
      schema: {
        summary: "Take a place in the queue, or get a new token for the place one has",
        body: joinRequest,
        response: { 201: joinAnswer, default: problemBody },
      },
    },
    async (request, reply) => reply.code(201).send({ token: await coordinator.join(request.body) }),
  );
  server.get(
    "/v1/turn",
    {
      schema: {
        summary: "Whether it is this contributor's turn",
        headers: bearer,
        response: { 200: turnAnswer, default: problemBody },
      },
    },
    async (request) => await coordinator.turn(tokenOf(request)),
  );
  server.post(
    "/v1/contributions",
    {
      schema: {
        summary: "Submit the attestation of the uploaded key; it is checked before it is accepted",
        headers: bearer,
        body: submitRequest,
        response: { 201: submitAnswer, default: problemBody },
      },
    },
    async (request, reply) => {
      const { contributions, head } = await coordinator.submit(tokenOf(request), request.body.attestation);
      return reply.code(201).send({ index: contributions.length, head });
    },
  );
}

/** tus 1.0.0, core and creation. */
function addUploadRoutes(server: HttpServer, coordinator: Coordinator): void {
  server.addContentTypeParser(TUS_BODY, (_request, body, done) => done(null, body));
  server.addHook("onSend", async (request, reply) => {
    if (request.url.startsWith("/v1/uploads")) reply.header("tus-resumable", TUS_VERSION);
  });
  server.options(
    "/v1/uploads",
    { schema: { summary: "What of tus is spoken here" } },
    async (_request, reply) =>
      reply.code(204).header("tus-version", TUS_VERSION).header("tus-extension", "creation").send(),
  );
  server.post(
    "/v1/uploads",
    { schema: { summary: "Begin the upload of a new key (tus creation)", headers: bearer } },
    async (request, reply) => {
      requireTus(request);
      const length = integerHeader(request, "upload-length");
      const id = await coordinator.createUpload(tokenOf(request), length);
      return reply.code(201).header("location", `/v1/uploads/${id}`).send();
    },
  );
  server.head(
    "/v1/uploads/:id",
    { schema: { summary: "How much has arrived (tus)", headers: bearer, params: uploadParams } },
    async (request, reply) => {
      requireTus(request);
      const { offset, length } = await coordinator.upload(tokenOf(request), request.params.id);
      return reply
        .header("upload-offset", String(offset))
        .header("upload-length", String(length))
        .header("cache-control", "no-store")
        .send();
    },
  );
  server.patch(
    "/v1/uploads/:id",
    { schema: { summary: "Append bytes (tus)", headers: bearer, params: uploadParams } },
    async (request, reply) => {
      requireTus(request);
      if (request.headers["content-type"] !== TUS_BODY) {
        throw new Problem("unsupported-media-type", `expected content-type ${TUS_BODY}`);
      }
      const at = integerHeader(request, "upload-offset");
      const offset = await coordinator.append(
        tokenOf(request),
        request.params.id,
        at,
        request.body as Readable,
      );
      return reply.code(204).header("upload-offset", String(offset)).send();
    },
  );
}

async function readRecords(coordinator: Coordinator): Promise<RecordsAnswer> {
  const { folder, contributions, beacon } = await coordinator.ceremony();
  const read = (file: string): Promise<string> => readFile(join(folder, file), "utf8");
  return {
    config: await read(FILES.config),
    contributions: await Promise.all(contributions.map(({ index }) => read(contributionFile(index)))),
    beacon: beacon === undefined ? null : await read(FILES.beacon),
  };
}

function tokenOf({ headers }: Pick<FastifyRequest, "headers">): string {
  return (headers.authorization ?? "").slice("Bearer ".length);
}

function requireTus({ headers }: Pick<FastifyRequest, "headers">): void {
  if (headers["tus-resumable"] === TUS_VERSION) return;
  throw new Problem("unsupported-version", `expected Tus-Resumable: ${TUS_VERSION}`);
}

function integerHeader({ headers }: Pick<FastifyRequest, "headers">, name: string): number {
  const value = headers[name];
  if (typeof value === "string" && /^\d{1,15}$/.test(value)) return Number(value);
  throw new Problem("invalid-request", `expected ${name} with a number of bytes`);
}
