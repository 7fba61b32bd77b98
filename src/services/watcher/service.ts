import { z } from "zod";
import { type HttpServer, startHttp } from "../support/http.ts";
import type { Logger } from "../support/log.ts";
import { createMetrics } from "../support/metrics.ts";
import type { RunningService } from "../support/run.ts";
import type { WatcherSettings } from "./settings.ts";
import { type RunningWatch, startWatching, type WatcherParts } from "./watching.ts";

/**
 * Starts the watcher as a process with an HTTP interface to look at it.
 *
 * @throws as `startWatching`; UnavailableError when the address cannot be listened on.
 */
export async function startWatcher(
  settings: WatcherSettings,
  log: Logger,
  parts: WatcherParts,
): Promise<RunningService & { readonly watch: RunningWatch }> {
  const metrics = createMetrics("watcher");
  const watch = await startWatching(settings, parts, log, metrics);
  const service = {
    name: "watcher",
    description:
      "Watches the chain, the log and states, and tells whoever has to know. Everything here is read only.",
    problems: {},
    metrics,
    log,
    routes: (server: HttpServer) => addWatcherRoutes(server, watch),
    obstacles: async () => watch.obstacles(),
  };
  const http = await startHttp(service, settings.http).catch(async (error: unknown) => {
    await watch.close();
    throw error;
  });
  const { network, chainId } = watch.deployment;
  log.info({ network, chainId, logs: settings.logs.length }, "watching");
  let closing: Promise<void> | undefined;
  return {
    url: http.url,
    watch,
    close: () => {
      closing ??= http.close().then(() => watch.close());
      return closing;
    },
  };
}

const face = z.object({
  network: z.string(),
  chainId: z.string(),
  block: z.number().optional().meta({ description: "The newest block that a quorum of endpoints has" }),
  finalBlock: z.number().optional().meta({ description: "Everything up to it was told for good" }),
  sources: z.array(z.object({ source: z.string(), followed: z.string(), stalled: z.boolean() })),
  endpoints: z.array(z.object({ lag: z.number().optional(), lies: z.number() })),
  probes: z.array(
    z.object({
      probe: z.string(),
      looked: z.string(),
      failed: z.boolean(),
      breached: z.array(z.string()).meta({ description: "Subjects beyond their limits" }),
    }),
  ),
});

const activeAlert = z.object({
  key: z.string(),
  rule: z.string(),
  severity: z.string(),
  phase: z.string(),
  summary: z.string(),
  since: z.string(),
  labels: z.record(z.string(), z.string()),
  details: z.record(z.string(), z.string()),
  runbook: z.string(),
});

function addWatcherRoutes(server: HttpServer, watch: RunningWatch): void {
  server.get(
    "/v1/watcher",
    {
      schema: { summary: "How far each source was followed, and what probes found", response: { 200: face } },
    },
    async () => faceOf(watch),
  );
  const alerts = z.object({ alerts: z.array(activeAlert) });
  server.get(
    "/v1/alerts",
    { schema: { summary: "The alerts that are not over, the most urgent first", response: { 200: alerts } } },
    async () => ({ alerts: [...watch.alerts.active()] }),
  );
}

function faceOf({ deployment, view }: RunningWatch): z.output<typeof face> {
  const { block, finalBlock, sources, lags, lies, probes } = view();
  const iso = (at: number): string => new Date(at).toISOString();
  return {
    network: deployment.network,
    chainId: deployment.chainId,
    ...(block === undefined ? {} : { block }),
    ...(finalBlock === undefined ? {} : { finalBlock }),
    sources: sources.map(({ source, at, stalled }) => ({ source, followed: iso(at), stalled })),
    endpoints: lags.map((lag, index) => ({ ...(lag === undefined ? {} : { lag }), lies: lies[index] ?? 0 })),
    probes: [...probes].map(([probe, { findings, failed, at }]) => ({
      probe,
      looked: iso(at),
      failed,
      breached: findings.filter(({ breached }) => breached === true).map(({ subject }) => subject),
    })),
  };
}
