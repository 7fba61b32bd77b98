import { availableParallelism } from "node:os";
import type { FastifyInstance } from "fastify";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Logger } from "./log.ts";

/** A service's metrics; every service has a registry of its own, so that several run in one process. */
export interface Metrics {
  readonly registry: Registry;
  /** `proofx_<service>_`, the beginning of the service's own metrics. */
  readonly prefix: string;
}

/** The process's CPU, memory and event loop are there from the beginning; the service adds its own. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const prefix = `proofx_${service.replaceAll("-", "_")}_`;
  new Gauge({
    name: `${prefix}processors`,
    help: "Processors that the process may use: what its processor time is a share of",
    registers: [registry],
  }).set(availableParallelism());
  return { registry, prefix };
}

/** The routes of the service itself; the others are asked by whoever watches it, and a 503 of `/ready` is no error. */
const API = "/v1/";
/** Whoever asked is nobody, or may not. */
const DENIED: ReadonlySet<number> = new Set([401, 403]);

/** Counts and times every answered request by route (never by URL) and logs one line for it. */
export function measureRequests(
  server: Pick<FastifyInstance, "addHook">,
  { registry, prefix }: Metrics,
  log: Logger,
): void {
  const labelNames = ["method", "route", "status"] as const;
  const requests = new Counter({
    name: `${prefix}http_requests_total`,
    help: "Answered requests",
    labelNames,
    registers: [registry],
  });
  const seconds = new Histogram({
    name: `${prefix}http_request_seconds`,
    help: "Time from the request's head to the answer's end",
    labelNames: ["method", "route"],
    buckets: [0.005, 0.02, 0.1, 0.5, 1, 2, 3, 5, 10, 30],
    registers: [registry],
  });
  // Without labels, so that they are 0 from the start: a counter that appears with its first count has not risen.
  const errors = new Counter({
    name: `${prefix}http_errors_total`,
    help: "Requests of the API that the service itself failed (5xx)",
    registers: [registry],
  });
  const denied = new Counter({
    name: `${prefix}http_denied_total`,
    help: "Requests without a valid credential, or beyond what it may (401, 403)",
    registers: [registry],
  });
  server.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "unknown";
    const { method } = request;
    if (reply.statusCode >= 500 && route.startsWith(API)) errors.inc();
    if (DENIED.has(reply.statusCode)) denied.inc();
    requests.inc({ method, route, status: String(reply.statusCode) });
    seconds.observe({ method, route }, reply.elapsedTime / 1000);
    log.info({
      instance: request.id,
      method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    });
  });
}
