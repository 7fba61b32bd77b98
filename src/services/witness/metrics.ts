import { Counter, Gauge } from "prom-client";
import type { Metrics } from "../support/metrics.ts";
import type { Witness } from "./witness.ts";

export type WitnessCounters = ReturnType<typeof addCounters>;

/** Counters of what was cosigned and refused. Labels are configured origins and problem codes, never what clients send. */
export function addCounters({ registry, prefix }: Metrics) {
  const registers = [registry];
  return {
    cosigned: new Counter({
      name: `${prefix}cosigned_total`,
      help: "Cosignatures given, by log",
      labelNames: ["origin"] as const,
      registers,
    }),
    refused: new Counter({
      name: `${prefix}refused_total`,
      help: "Requests refused, by cause; `stale` for another old size than the one cosigned last",
      labelNames: ["cause"] as const,
      registers,
    }),
    equivocations: new Counter({
      name: `${prefix}equivocations_total`,
      help: "Checkpoints that a log signed beside the cosigned one of the same size",
      labelNames: ["origin"] as const,
      registers,
    }),
  };
}

/** The size cosigned last of each log. */
export function addGauges({ registry, prefix }: Metrics, witness: Witness): void {
  new Gauge({
    name: `${prefix}log_size`,
    help: "Size of the head cosigned last, by log",
    labelNames: ["origin"] as const,
    registers: [registry],
    collect() {
      for (const { origin, size } of witness.sizes()) this.set({ origin }, Number(size));
    },
  });
}
