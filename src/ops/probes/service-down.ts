import { z } from "zod";
import { UnavailableError } from "../../core/errors.ts";
import type { Finding, Probe } from "../alerts/finding.ts";
import { ask, parse } from "./http.ts";

/** One of our services, by the URL of its HTTP interface. */
export interface WatchedService {
  readonly name: string;
  readonly url: string;
}

const readyBody = z.looseObject({ ready: z.boolean(), obstacles: z.array(z.string()) });

/**
 * Services that do not answer or say that they cannot work now: the figure is 1 for one that is ready. A restart takes a look's time,
 * so only `patience` looks in a row that find it down are a breach.
 */
export function serviceDownProbe(services: readonly WatchedService[], patience: number): Probe {
  const failures = new Map<string, number>();
  return {
    name: "service-down",
    every: 20,
    look: () =>
      Promise.all(
        services.map(async ({ name, url }): Promise<Finding> => {
          const obstacles = await obstaclesOf(name, url);
          const failed = obstacles.length === 0 ? 0 : (failures.get(name) ?? 0) + 1;
          failures.set(name, failed);
          return {
            subject: name,
            breached: failed >= patience,
            summary: failed === 0 ? `${name} is ready` : `${name}: ${obstacles.join("; ")}`.slice(0, 900),
            value: failed === 0 ? 1 : 0,
          };
        }),
      ),
  };
}

async function obstaclesOf(name: string, url: string): Promise<readonly string[]> {
  try {
    const { status, text } = await ask(name, `${url}/ready`);
    const body = readyBody.safeParse(parse(name, text));
    if (!body.success) return [`it answers ${status}, and not as one of our services`];
    return body.data.ready && status === 200 ? [] : ["not ready", ...body.data.obstacles];
  } catch (error) {
    if (error instanceof UnavailableError) return [error.message];
    throw error;
  }
}
