import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { loadCircuit, TEMPLATES } from "./circuit.ts";

/** What a circuit costs. */
interface Figures {
  readonly constraints: number;
  readonly nonLinear: number;
  readonly linear: number;
  readonly wires: number;
  readonly outputs: number;
  readonly publicInputs: number;
  readonly privateInputs: number;
}

/** Figures by circuit: the main one and each template alone, as its fixture makes it. */
export type Report = Readonly<Record<string, Figures>>;

export const REPORT = fileURLToPath(new URL("../../../circuits/constraints.json", import.meta.url));

/** The one command that writes the committed report again. */
export const REGENERATE = "npx node test/circuits/support/report.ts";

export async function measure(): Promise<Report> {
  const report: Record<string, Figures> = {};
  for (const name of ["compliance", ...TEMPLATES]) {
    const { system } = await loadCircuit(name);
    const linear = system.linearCount();
    report[name] = {
      constraints: system.constraints.length,
      nonLinear: system.constraints.length - linear,
      linear,
      wires: system.wires,
      outputs: system.outputs,
      publicInputs: system.publicInputs,
      privateInputs: system.privateInputs,
    };
  }
  return report;
}

if (import.meta.main) {
  await writeFile(REPORT, `${JSON.stringify(await measure(), null, 2)}\n`);
  console.log("circuits/constraints.json is written");
}
