import { Counter, Gauge } from "prom-client";
import { startHttp } from "../support/http.ts";
import type { Logger } from "../support/log.ts";
import { createMetrics } from "../support/metrics.ts";
import type { RunningService } from "../support/run.ts";
import { Coordinator, type CoordinatorEvent } from "./coordinator.ts";
import { COORDINATOR_PROBLEMS } from "./problems.ts";
import { addCoordinatorRoutes } from "./routes.ts";
import type { CoordinatorSettings } from "./settings.ts";

/** Starts the coordinator of one ceremony. `now` is the clock that turns and the beacon's time are judged by. */
export async function startCoordinator(
  settings: CoordinatorSettings,
  log: Logger,
  now: () => Date = () => new Date(),
): Promise<RunningService> {
  const metrics = createMetrics("coordinator");
  const events = new Counter({
    name: `${metrics.prefix}turns_total`,
    help: "Turns by how they ended",
    labelNames: ["outcome"] as const,
    registers: [metrics.registry],
  });
  const onEvent = (outcome: CoordinatorEvent): void => {
    events.inc({ outcome });
    log.info({ outcome }, "a turn ended");
  };
  const coordinator = await Coordinator.open(settings, now, onEvent);
  new Gauge({
    name: `${metrics.prefix}contributors_waiting`,
    help: "Contributors in the queue, the one whose turn it is among them",
    registers: [metrics.registry],
    collect() {
      this.set(coordinator.waiting);
    },
  });
  return await startHttp(
    {
      name: "coordinator",
      description: "Contributors of a phase-2 ceremony take turns here.",
      problems: COORDINATOR_PROBLEMS,
      metrics,
      log,
      routes: (server) => addCoordinatorRoutes(server, coordinator),
      obstacles: async () => {
        try {
          await coordinator.ceremony();
          return [];
        } catch (error) {
          return [error instanceof Error ? error.message : String(error)];
        }
      },
    },
    settings.http,
  );
}
