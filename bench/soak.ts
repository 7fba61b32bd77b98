import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { judgeFlatness, type Sample } from "./flatness.ts";
import { fullLoad, load, startService } from "./prover-load.ts";

const HELP = `node bench/soak.ts [--seconds 600]

Keeps a prover service at full load and watches its memory; ends with 1 when it grows.

  --seconds N  how long, at least 30; 600 without it; when it grew, up to twice as long again, to see whether it goes on
  --help       this text`;

type Service = Awaited<ReturnType<typeof startService>>;

const MIB = 2 ** 20;
/** What is watched, and what it is called. */
const WATCHED = { resident: "process_resident_memory_bytes", heap: "nodejs_heap_size_used_bytes" } as const;
/** Ended jobs are forgotten soon, so that those kept do not grow for most of a short run. */
const SETTINGS = ["result_ttl = 5"];

/** What memory grows by at the start ends; what leaks goes on. So growth is believed when it is seen in each of so many watches. */
const WATCHES = 3;

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "600" }, help: { type: "boolean", short: "h" } },
});
const seconds = Number(values.seconds);
if (values.help === true) console.log(HELP);
else if (!Number.isInteger(seconds) || seconds < 30) {
  console.error(`--seconds: expected an integer from 30, got "${values.seconds}"`);
  process.exitCode = 2;
} else process.exitCode = await soak(seconds);

type Samples = Readonly<Record<keyof typeof WATCHED, Sample[]>>;

async function soak(seconds: number): Promise<number> {
  const service = await startService(SETTINGS);
  try {
    let over = false;
    const loaded = load(service, await fullLoad(service), () => !over).finally(() => {
      over = true;
    });
    loaded.catch(() => {}); // Awaited below, when it has stopped the watching.
    let samples = await watch(service, seconds, () => over);
    for (let again = 1; again < WATCHES && !over && !isFlat(samples); again += 1) {
      console.error(`it grew: another ${seconds} s show whether it goes on`);
      samples = await watch(service, seconds, () => over);
    }
    over = true;
    return report(samples, (await loaded).length);
  } finally {
    await service.end("SIGTERM");
  }
}

/** Looks at a service once a second, for so many seconds or until `over()`. */
async function watch(service: Service, seconds: number, over: () => boolean): Promise<Samples> {
  const samples: Samples = { resident: [], heap: [] };
  const began = performance.now();
  const passed = (): number => (performance.now() - began) / 1000;
  while (!over() && passed() < seconds) {
    for (const [name, metric] of Object.entries(WATCHED))
      samples[name as keyof Samples].push({ seconds: passed(), bytes: await service.metric(metric) });
    tell(samples.resident, seconds);
    await pause(1_000);
  }
  return samples;
}

function isFlat(samples: Samples): boolean {
  return Object.values(samples).every((each) => judgeFlatness(each).flat);
}

/** A line every half a minute. */
function tell(resident: readonly Sample[], seconds: number): void {
  if (resident.length % 30 !== 1) return;
  const { seconds: now, bytes } = resident.at(-1) ?? { seconds: 0, bytes: 0 };
  console.error(`${now.toFixed(0)} of ${seconds} s: ${(bytes / MIB).toFixed(0)} MiB resident`);
}

function report(samples: Samples, proofs: number): number {
  const judged = Object.entries(samples).map(([name, each]) => ({ name, ...judgeFlatness(each) }));
  console.log(`${proofs} proofs`);
  for (const { name, flat, mean, growth } of judged) {
    const figures = `mean ${(mean / MIB).toFixed(1)} MiB, grew by ${(growth / MIB).toFixed(1)} MiB after the warm-up`;
    console.log(`${flat ? "flat   " : "GROWING"} ${name.padEnd(9)} ${figures}`);
  }
  const bad = judged.filter(({ flat }) => !flat).length;
  console.log(`${judged.length - bad} passed, ${bad} failed, 0 skipped`);
  return bad === 0 ? 0 : 1;
}
