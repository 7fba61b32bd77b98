import { EXIT } from "../../core/errors.ts";
import type { CommandResult } from "../output.ts";
import { machineProbes } from "./machine.ts";
import type { Finding, Probe } from "./probe.ts";

const SIGN = { ok: "ok  ", note: "note", lack: "LACK" } as const;

/**
 * Makes every look, one after the other. The exit code is 1 when something that was asked for cannot work here.
 *
 * @param config A configuration file whose services are to run here.
 */
export async function examine(config: string | undefined): Promise<CommandResult> {
  const probes: Probe[] = [...machineProbes];
  if (config !== undefined) probes.push(...(await import("./configured.ts")).configuredProbes(config));
  const findings: (Finding & { name: string })[] = [];
  for (const { name, look } of probes) findings.push({ name, ...(await look()) });
  const lines = findings.flatMap(({ name, status, what, mend }) => [
    `${SIGN[status]}  ${name.padEnd(14)} ${what}`,
    ...(mend === undefined ? [] : [`${" ".repeat(21)}${mend}`]),
  ]);
  const lacks = findings.filter(({ status }) => status === "lack").length;
  lines.push(lacks === 0 ? "Nothing is lacking." : `${lacks} lacking.`);
  return { data: { findings }, lines, exitCode: lacks === 0 ? EXIT.ok : EXIT.failed };
}
