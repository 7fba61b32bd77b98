import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { judgeFlatness, type Sample } from "./flatness.ts";
import { fullLoad, load, startService } from "./prover-load.ts";

const HELP = `node bench/soak.ts [--seconds 600]

Keeps a prover service at full load and watches its memory; ends with 1 when it grows.

  --seconds N  how long, at least 30; 600 without it
  --help       this text`;

const MIB = 2 ** 20;
/** What is watched, and what it is called. */
const WATCHED = { resident: "process_resident_memory_bytes", heap: "nodejs_heap_size_used_bytes" } as const;
/** Ended jobs are forgotten soon, so that those kept do not grow for most of a short run. */
const SETTINGS = ["result_ttl = 5"];

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "600" }, help: { type: "boolean", short: "h" } },
});
const seconds = Number(values.seconds);
if (values.help === true) console.log(HELP);
else if (!Number.isInteger(seconds) || seconds < 30) {
  console.error(`--seconds: expected an integer from 30, got "${values.seconds}"`);
  process.exitCode = 2;
} else process.exitCode = await soak(seconds);

async function soak(seconds: number): Promise<number> {
  const service = await startService(SETTINGS);
  try {
    const samples: Record<keyof typeof WATCHED, Sample[]> = { resident: [], heap: [] };
    const began = performance.now();
    const passed = (): number => (performance.now() - began) / 1000;
    let failed = false;
    const loaded = load(service, await fullLoad(service), () => !failed && passed() < seconds).finally(() => {
      failed = true;
    });
    while (!failed && passed() < seconds) {
      for (const [name, metric] of Object.entries(WATCHED))
        samples[name as keyof typeof WATCHED].push({
          seconds: passed(),
          bytes: await service.metric(metric),
        });
      tell(samples.resident, seconds);
      await pause(1_000);
    }
    return report(samples, (await loaded).length, seconds);
  } finally {
    await service.end("SIGTERM");
  }
}

/** A line every half a minute. */
function tell(resident: readonly Sample[], seconds: number): void {
  if (resident.length % 30 !== 1) return;
  const { seconds: now, bytes } = resident.at(-1) ?? { seconds: 0, bytes: 0 };
  console.error(`${now.toFixed(0)} of ${seconds} s: ${(bytes / MIB).toFixed(0)} MiB resident`);
}

function report(samples: Record<string, readonly Sample[]>, proofs: number, seconds: number): number {
  const judged = Object.entries(samples).map(([name, each]) => ({ name, ...judgeFlatness(each) }));
  console.log(`${proofs} proofs in ${seconds} s`);
  for (const { name, flat, mean, growth } of judged) {
    const figures = `mean ${(mean / MIB).toFixed(1)} MiB, grew by ${(growth / MIB).toFixed(1)} MiB after the warm-up`;
    console.log(`${flat ? "flat   " : "GROWING"} ${name.padEnd(9)} ${figures}`);
  }
  const bad = judged.filter(({ flat }) => !flat).length;
  console.log(`${judged.length - bad} passed, ${bad} failed, 0 skipped`);
  return bad === 0 ? 0 : 1;
}
