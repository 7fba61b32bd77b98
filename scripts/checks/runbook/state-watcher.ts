import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/process.ts";
import { PORTS, urlAt } from "./ports.ts";
import type { Stage } from "./stage.ts";

const FOLDER = "build/runbooks/state";
const URL = urlAt(PORTS.stateWatcher);
const CONFIG = "build/runbooks/state.toml";
/** Where it keeps what it told. */
export const STATE_ALERTS = `${FOLDER}/alerts`;

/** What a rehearsal's own watcher is told beside the stage's configuration, as lines of TOML. */
export interface StateSettings {
  /** Instead of the lines of the same name in any section. */
  readonly replace?: Readonly<Record<string, string>>;
  readonly watcher?: string;
  readonly health?: string;
  /** Sections of their own. */
  readonly more?: string;
}

/** How a page's steps find it. */
export const STATE_INPUTS = { WATCHER: URL, PROOFX_CONFIG: CONFIG } as const;

/**
 * Starts a watcher beside the stage's, with nothing told yet. Probes look when a watcher starts and then seldom, so that a state is
 * seen at once, and one that an earlier page left is not taken for this one's.
 *
 * @param keep With what the one before it told.
 */
export async function watchState(stage: Stage, settings: StateSettings, keep = false): Promise<void> {
  await stage.kill("state-watcher", "SIGINT");
  if (!keep) rmSync(join(ROOT, FOLDER), { recursive: true, force: true });
  writeFileSync(join(ROOT, CONFIG), configOf(settings));
  await stage.service("state-watcher");
}

function configOf({ replace = {}, watcher = "", health = "", more = "" }: StateSettings): string {
  let text = readFileSync(join(ROOT, "build/runbooks/proofx.toml"), "utf8")
    .replace("build/runbooks/watcher", `${FOLDER}/watcher`)
    .replace("build/runbooks/alerts", STATE_ALERTS)
    .replace(`port = ${PORTS.watcher}`, `port = ${PORTS.stateWatcher}`)
    .replace(/^\[watcher\]$/m, `[watcher]\n${watcher}`)
    .replace(/^\[health\]$/m, `[health]\n${health}`);
  for (const [name, value] of Object.entries(replace))
    text = text.replaceAll(new RegExp(`^${name} = .*$`, "gm"), `${name} = ${value}`);
  return `${text}\n${more}\n`;
}
