import { createProver } from "../src/compliance/index.ts";
import { artifacts, inputsOf } from "../test/compliance/support/artifacts.ts";
import { type Measurement, quantile } from "./measurement.ts";
import { fullLoad, load, startService } from "./prover-load.ts";

/** How much is measured. */
interface Extent {
  /** Proofs in each turn of the service, and of the library. */
  readonly proofs: number;
  /** Turns of each. */
  readonly rounds: number;
}

/** Milliseconds of each. */
interface Spent {
  service: number;
  library: number;
}

/** Unlike the time that passes, it does not depend on what else the machine does. */
const CPU = "process_cpu_seconds_total";

const EXTENT: Extent = { proofs: 24, rounds: 5 };

/**
 * Measures the service at full load, over HTTP, beside the same number of warm calls of the library one after another. They
 * take turns, so that other load on the machine falls on both.
 */
export async function measureProverService({ proofs, rounds }: Extent = EXTENT): Promise<Measurement> {
  const { wasm, setup } = await artifacts();
  await using library = await createProver({ wasm, zkey: setup.zkey });
  const service = await startService();
  try {
    const clients = await fullLoad(service);
    const inputs = inputsOf();
    await library.prove(inputs);
    await load(service, clients, upTo(clients));
    const spent: Spent = { service: 0, library: 0 };
    const cpu: Spent = { service: 0, library: 0 };
    const requests: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const usedBefore = await service.metric(CPU);
      let began = performance.now();
      requests.push(...(await load(service, clients, upTo(proofs))));
      spent.service += performance.now() - began;
      cpu.service += ((await service.metric(CPU)) - usedBefore) * 1_000;
      const before = process.cpuUsage();
      began = performance.now();
      for (let i = 0; i < proofs; i += 1) await library.prove(inputs);
      spent.library += performance.now() - began;
      const { user, system } = process.cpuUsage(before);
      cpu.library += (user + system) / 1_000;
    }
    return report(spent, cpu, requests, clients);
  } finally {
    await service.end("SIGTERM");
  }
}

function report(spent: Spent, cpu: Spent, requests: number[], clients: number): Measurement {
  const perMinute = (milliseconds: number): number => (requests.length * 60_000) / milliseconds;
  const [served, called] = [perMinute(spent.service), perMinute(spent.library)];
  const oneCall = spent.library / requests.length;
  const latency = (name: string, value: number) => {
    return {
      name,
      value,
      unit: "ms",
      floorOrPeer: `${oneCall.toFixed(0)} ms, a warm call`,
      ratio: value / oneCall,
    };
  };
  return {
    title: `Prover service at full load, ${clients} requests in flight, ${requests.length} proofs`,
    rows: [
      {
        name: "proofs, beside warm calls of the library",
        value: served,
        unit: "a minute",
        floorOrPeer: `${called.toFixed(1)} a minute, at least 0.9x`,
        ratio: served / called,
      },
      {
        name: "processor time of a proof",
        value: cpu.service / requests.length,
        unit: "ms",
        floorOrPeer: `${(cpu.library / requests.length).toFixed(0)} ms, the library`,
        ratio: cpu.service / cpu.library,
      },
      latency("request, p50 with its wait in the queue", quantile(requests, 0.5)),
      latency("request, p99 with its wait in the queue", quantile(requests, 0.99)),
    ],
  };
}

/** True that many times. */
function upTo(count: number): () => boolean {
  let left = count;
  return () => left-- > 0;
}
