import { Gauge } from "prom-client";
import type { Metrics } from "./metrics.ts";

/** Adds gauges that are read off a service whenever they are asked for; what is not set then is absent. */
export function gaugesOf({ registry, prefix }: Metrics) {
  return <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    collect: (gauge: Gauge<L>) => void | Promise<void>,
  ): void => {
    new Gauge({
      name: `${prefix}${name}`,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      async collect() {
        this.reset();
        // Without labels it would be 0 now, and not absent.
        if (labelNames.length === 0) this.remove();
        await collect(this as unknown as Gauge<L>);
      },
    });
  };
}
