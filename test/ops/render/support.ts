import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Need } from "../../../scripts/test/results.ts";
import type { RenderedFile } from "../../../src/ops/render/rendered.ts";

export const PROMTOOL: Need = { command: "promtool", install: "apt-get install -y prometheus" };
export const AMTOOL: Need = { command: "amtool", install: "apt-get install -y prometheus-alertmanager" };
export const ALERTMANAGER: Need = {
  command: "prometheus-alertmanager",
  install: "apt-get install -y prometheus-alertmanager",
};

/** Rendered files on a disk, as their programs read them; `text` changes them on the way. */
export function onDisk(
  files: readonly RenderedFile[],
  change: (file: RenderedFile) => string = ({ text }) => text,
): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "proofx-render-"));
  for (const file of files) {
    const path = join(folder, file.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, change(file));
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs a program to its end. */
export function run(command: string, args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  return { status, output: `${stdout}${stderr}` };
}
