import type { FastifyInstance } from "fastify";
import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";
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
  return { registry, prefix: `proofx_${service.replaceAll("-", "_")}_` };
}

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
  server.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "unknown";
    const { method } = request;
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
