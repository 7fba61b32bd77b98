import { readDeploymentFile } from "../../chain/deployment.ts";
import { EXIT, InputError } from "../../core/errors.ts";
import { compareFolder, differenceLine, writeFolder } from "../../ops/render/compare.ts";
import { CHANNELS, type Channel } from "../../ops/render/oz-monitor/render.ts";
import type { RenderedFile } from "../../ops/render/rendered.ts";
import { type RenderOptions, renderTarget, SHARED, TARGETS, type Target } from "../../ops/render/targets.ts";
import type { CommandResult } from "../output.ts";

/** Options as they are typed. */
export interface TypedOptions {
  readonly target?: string;
  readonly out?: string;
  readonly deployment?: string;
  readonly confirmations?: string;
  readonly blockTime?: string;
  readonly channel?: string;
  readonly defenderNetwork?: string;
}

/** Where what everybody shares is committed. */
const COMMITTED = "infra/monitoring";

/** Prints a target's files, or makes a folder hold them. */
export async function renderFiles(typed: TypedOptions): Promise<CommandResult> {
  const files = await filesOf(typed);
  if (typed.out === undefined)
    return { data: { files }, lines: files.flatMap(({ path, text }) => [`==> ${path}`, text.trimEnd()]) };
  const changed = writeFolder(typed.out, files, prefixOf(typed));
  return {
    data: { folder: typed.out, files: files.map(({ path }) => path), changed },
    lines: [
      ...changed.map(differenceLine),
      `${files.length} files in ${typed.out}, ${changed.length} changed`,
    ],
  };
}

/** Holds a folder against what would be rendered; exit code 1 when they differ. */
export async function diffFolder(typed: TypedOptions): Promise<CommandResult> {
  const folder = typed.out ?? COMMITTED;
  const files = await filesOf(typed);
  const differences = compareFolder(folder, files, prefixOf(typed));
  const end =
    differences.length === 0
      ? `${files.length} files of ${folder} are as the rules say`
      : `${differences.length} differ. Next: npx proofx monitors render ${typed.target === undefined ? "" : `--target ${typed.target} `}--out ${folder}`;
  return {
    data: { folder, differences },
    lines: [...differences.map(differenceLine), end],
    exitCode: differences.length === 0 ? EXIT.ok : EXIT.failed,
  };
}

/** Reads the options that say what is watched; undefined without a deployment. */
export function renderOptions(typed: TypedOptions): RenderOptions | undefined {
  const { deployment, channel = "webhook", defenderNetwork } = typed;
  if (!CHANNELS.some((each) => each === channel))
    throw InputError.expected("--channel", `one of ${CHANNELS.join(", ")}`, channel);
  const given = {
    confirmations: whole("--confirmations", typed.confirmations ?? "12", 1_000),
    blockSeconds: blockTime(typed.blockTime ?? "12"),
    channel: channel as Channel,
    ...(defenderNetwork === undefined ? {} : { defenderNetwork }),
  };
  return deployment === undefined ? undefined : { ...given, deployment: readDeploymentFile(deployment) };
}

async function filesOf(typed: TypedOptions): Promise<RenderedFile[]> {
  const options = renderOptions(typed);
  const files: RenderedFile[] = [];
  for (const target of typed.target === undefined ? SHARED : [targetOf(typed.target)])
    files.push(...(await renderTarget(target, options)));
  return files;
}

function targetOf(text: string): Target {
  const target = TARGETS.find((each) => each === text);
  if (target === undefined) throw InputError.expected("--target", `one of ${TARGETS.join(", ")}`, text);
  return target;
}

/** Configurations of several networks share a folder; only files of this one can be left over. */
function prefixOf({ target, deployment }: TypedOptions): string {
  if (target !== "oz-monitor" || deployment === undefined) return "";
  return `${readDeploymentFile(deployment).network.toLowerCase().replaceAll("-", "_")}_`;
}

function whole(option: string, text: string, most: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > most) throw InputError.expected(option, `a whole number from 1 to ${most}`, text);
  return value;
}

function blockTime(text: string): number {
  const seconds = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (seconds < 0.1 || seconds > 3_600)
    throw InputError.expected("--block-time", "seconds from 0.1 to 3600", text);
  return seconds;
}
