import { mkdirSync, writeFileSync } from "node:fs";
import { arch, cpus, platform } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../scripts/checks/support/process.ts";
import { table } from "../scripts/checks/support/table.ts";
import { readConstraints } from "./constraints.ts";
import type { Measurement, Row } from "./measurement.ts";
import { provingRows } from "./proving-rows.ts";

/** Sections in the order they run, each loaded only when it is wanted. */
const SECTIONS: Readonly<Record<string, () => Promise<Measurement>>> = {
  constraints: async () => readConstraints(),
  gas: async () => (await import("./gas.ts")).measureGas(),
  ingest: async () => (await import("./ingest.ts")).measureIngest(),
  prove: async () => provingRows(await (await import("./prove.ts")).measureProving()),
  "at-rest": async () => (await import("./at-rest.ts")).measureAtRest(),
  subgraph: async () => (await import("./subgraph.ts")).measureSubgraph(),
  watcher: async () => (await import("./watcher.ts")).measureWatcher(),
  "prover-service": async () => (await import("./prover-service.ts")).measureProverService(),
};

const HELP = `npm run bench [-- SECTION...]

Measures, prints figures beside their floor or peer, and writes build/bench.json.
Sections: ${Object.keys(SECTIONS).join(", ")}. Times mean something only on a machine that does nothing else.

  --json  print what is written, and nothing else
  --help  this text`;

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  allowPositionals: true,
});

if (values.help === true) console.log(HELP);
else process.exitCode = await main(positionals, values.json === true);

async function main(names: readonly string[], json: boolean): Promise<number> {
  const unknown = names.find((name) => !(name in SECTIONS));
  if (unknown !== undefined) {
    console.error(`section: expected one of ${Object.keys(SECTIONS).join(", ")}, got "${unknown}"`);
    return 2;
  }
  const measurements: Measurement[] = [];
  for (const [name, measure] of Object.entries(SECTIONS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const measurement = await measure();
    measurements.push(measurement);
    if (!json)
      console.log(["", measurement.title, "", ...table(rowsOf(measurement.rows), [1, 4])].join("\n"));
  }
  const machine = { node: process.version, system: `${platform()} ${arch()}`, cpus: cpus().length };
  const report = JSON.stringify({ machine, measurements }, null, 2);
  mkdirSync(join(ROOT, "build"), { recursive: true });
  writeFileSync(join(ROOT, "build/bench.json"), `${report}\n`);
  console.log(json ? report : "\nbuild/bench.json has these figures, too.");
  return 0;
}

function rowsOf(rows: readonly Row[]): string[][] {
  const cells = rows.map(({ name, value, unit, floorOrPeer, ratio }) => [
    name,
    value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 3 : 1 }),
    unit,
    floorOrPeer ?? "",
    ratio === undefined ? "" : `${ratio.toFixed(2)}x`,
  ]);
  return [["figure", "value", "unit", "floor or peer", "ratio"], ...cells];
}
