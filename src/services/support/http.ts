import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import swagger from "@fastify/swagger";
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  fastify,
  LogController,
  type RawServerDefault,
} from "fastify";
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import { z } from "zod";
import { errorCode, UnavailableError } from "../../core/errors.ts";
import { answerProblem, problemOf } from "./answer.ts";
import type { Logger } from "./log.ts";
import { type Metrics, measureRequests } from "./metrics.ts";
import { COMMON_PROBLEMS, Problem, type ProblemCatalogue } from "./problem.ts";
import type { HttpSettings } from "./settings.ts";

/** A Fastify server whose routes are checked and described by zod schemas. */
export type HttpServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What a service brings; the rest is the same for all. */
export interface HttpService {
  /** `prover`, `relayer`, ...: prefix of its metrics, title of its OpenAPI document. */
  readonly name: string;
  readonly description: string;
  /** Its own refusals beside the common ones. */
  readonly problems: ProblemCatalogue;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** How callers prove who they are, for the OpenAPI document; routes that want it name it in their `security`. */
  readonly security?: Readonly<Record<string, { type: "http"; scheme: string; description: string }>>;
  /** Adds the routes under `/v1`. */
  routes(server: HttpServer): void;
  /** Why it cannot work right now, one sentence each; nothing when it can. */
  obstacles(): Promise<readonly string[]>;
}

export interface RunningHttp {
  /** `http://host:port` it listens on. */
  readonly url: string;
  /** Refuses what is new at once, waits for what is under way for at most `stop_timeout`, then cuts it off. */
  close(): Promise<void>;
}

/**
 * Serves a service's routes, `/health`, `/ready`, `/metrics`, `/v1/openapi.json` (OpenAPI 3.1) and `/v1/problems`.
 *
 * @throws UnavailableError when the address cannot be listened on.
 */
export async function startHttp(service: HttpService, settings: HttpSettings): Promise<RunningHttp> {
  const state = { stopping: false };
  const server = await buildServer(service, settings, () => state.stopping);
  const connections = connectionsOf(server.server);
  try {
    await server.listen({ host: settings.host, port: settings.port });
  } catch (cause) {
    await server.close();
    throw new UnavailableError(
      `${service.name} cannot listen on ${settings.host}:${settings.port} (${errorCode(cause)})`,
      { cause, next: "choose another host or port in the configuration" },
    );
  }
  const { address, port, family } = server.server.address() as {
    address: string;
    port: number;
    family: string;
  };
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    state.stopping = true;
    const cut = setTimeout(() => server.server.closeAllConnections(), settings.stop_timeout * 1000);
    const closed = server.close();
    // Clients open some ahead. As long as nothing was asked on one, Node takes it for a request under way.
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
    try {
      await closed;
    } finally {
      clearTimeout(cut);
    }
  };
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** Those that are open, at any time. */
function connectionsOf(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  return open;
}

/** Of a path's variable parts: an entity's id may have 1,024 bytes, each written as three characters. */
const LONGEST_PARAM = 3_072;

async function buildServer(
  service: HttpService,
  settings: HttpSettings,
  stopping: () => boolean,
): Promise<HttpServer> {
  const server = fastify({
    loggerInstance: service.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: settings.body_limit,
    requestTimeout: settings.request_timeout * 1000,
    connectionTimeout: settings.request_timeout * 1000,
    // Requests that trickle in: Node looks for them every half a minute only unless told otherwise, and a body that does not
    // end has the time of the headers, which stays a minute unless it is set.
    http: {
      headersTimeout: settings.request_timeout * 1000,
      requestTimeout: settings.request_timeout * 1000,
      connectionsCheckingInterval: 1_000,
    },
    forceCloseConnections: "idle",
    return503OnClosing: false,
    onProtoPoisoning: "error",
    onConstructorPoisoning: "error",
    routerOptions: { maxParamLength: LONGEST_PARAM },
  }).withTypeProvider<ZodTypeProvider>();
  server.removeContentTypeParser("text/plain");
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  const catalogue = { ...COMMON_PROBLEMS, ...service.problems };
  server.setErrorHandler((error, request, reply) =>
    answerProblem(reply, problemOf(error, settings), catalogue, request.id),
  );
  server.setNotFoundHandler((request, reply) =>
    answerProblem(reply, new Problem("not-found", "no such path or method"), catalogue, request.id),
  );
  addStopHooks(server, stopping);
  measureRequests(server, service.metrics, service.log);
  await server.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: `ProofX ${service.name}`, description: service.description, version: "1" },
      ...(service.security === undefined ? {} : { components: { securitySchemes: service.security } }),
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  // Within a plugin, so that the OpenAPI document sees the routes.
  await server.register(async (inner) => {
    addCommonRoutes(inner.withTypeProvider<ZodTypeProvider>(), service, catalogue, stopping);
    service.routes(inner.withTypeProvider<ZodTypeProvider>());
  });
  return server;
}

/** While the service stops: nothing new, and no connection stays up after its last answer, which would keep the service up. */
function addStopHooks(server: HttpServer, stopping: () => boolean): void {
  server.addHook("onRequest", async (request) => {
    if (stopping() && request.url.startsWith("/v1/"))
      throw new Problem("stopping", "this instance takes no more requests", { retryAfter: 1 });
  });
  server.addHook("onSend", async (_request, reply) => {
    if (stopping()) reply.header("connection", "close");
  });
  // That of an answer which began before, as that to a client who follows a stream does.
  server.addHook("onResponse", async (request) => {
    if (stopping()) request.raw.socket.end();
  });
}

function addCommonRoutes(
  server: HttpServer,
  service: HttpService,
  catalogue: ProblemCatalogue,
  stopping: () => boolean,
): void {
  const hide = { hide: true } as const;
  const health = z.object({ status: z.literal("ok") });
  server.get("/health", { schema: { summary: "The process runs", response: { 200: health } } }, async () => ({
    status: "ok" as const,
  }));
  const ready = z.object({ ready: z.boolean(), obstacles: z.array(z.string()) });
  server.get(
    "/ready",
    { schema: { summary: "Whether it can take work now", response: { 200: ready, 503: ready } } },
    async (_request, reply) => {
      const obstacles = stopping() ? ["stopping"] : [...(await service.obstacles())];
      return reply
        .code(obstacles.length === 0 ? 200 : 503)
        .send({ ready: obstacles.length === 0, obstacles });
    },
  );
  server.get("/metrics", { schema: hide }, async (_request, reply) => {
    return reply.type(service.metrics.registry.contentType).send(await service.metrics.registry.metrics());
  });
  server.get("/v1/openapi.json", { schema: hide }, async (_request, reply) =>
    reply.type("application/json").send(JSON.stringify(server.swagger())),
  );
  server.get(
    "/v1/problems",
    { schema: { summary: "Every problem code, its meaning and its remedy" } },
    async () => catalogue,
  );
}
