import type { KeyProvider } from "../../core/ports.ts";
import type { Store } from "../../sequencer/store/index.ts";
import { addConnections, countedStore, createDatabaseMetrics } from "../support/database.ts";
import { type HttpServer, startHttp } from "../support/http.ts";
import type { Logger } from "../support/log.ts";
import { createMetrics } from "../support/metrics.ts";
import type { RunningService } from "../support/run.ts";
import { startAnchoring } from "./anchoring.ts";
import { addAnchorRoutes } from "./routes.ts";
import type { AnchorSettings } from "./settings.ts";

/**
 * Starts anchoring as a process of its own, with an HTTP interface to look at it.
 *
 * @param store Closed with the service.
 * @throws InputError when too few nodes for a quorum serve the deployment's chain, or the key is missing.
 */
export async function startAnchor(
  store: Store,
  settings: AnchorSettings,
  keys: KeyProvider,
  log: Logger,
): Promise<RunningService> {
  const metrics = createMetrics("anchor");
  addConnections(metrics, store);
  const counted = countedStore(store, createDatabaseMetrics(metrics));
  const running = await startAnchoring(counted, settings, keys, log, metrics).catch(
    async (error: unknown) => {
      await store.close();
      throw error;
    },
  );
  const stop = async (): Promise<void> => {
    await running.close(settings.http.stop_timeout);
    await store.close();
  };
  const service = {
    name: "anchor",
    description: "Closes batches of the log and anchors their roots. Everything here is read only.",
    problems: {},
    metrics,
    log,
    routes: (server: HttpServer) => addAnchorRoutes(server, running),
    obstacles: async () => running.obstacles(),
  };
  const http = await startHttp(service, settings.http).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  let closing: Promise<void> | undefined;
  return {
    url: http.url,
    close: () => {
      closing ??= http.close().then(stop);
      return closing;
    },
  };
}
