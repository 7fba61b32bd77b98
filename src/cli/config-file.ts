import { readFileSync } from "node:fs";
import { z } from "zod";
import { aleoSection } from "../aleo/settings.ts";
import { deploySection } from "../chain/settings.ts";
import { errorCode, InputError, ProofXError, UnavailableError } from "../core/errors.ts";
import { readFields } from "../core/json.ts";
import { parseToml } from "../core/toml.ts";
import { keysSettings } from "../keys/index.ts";
import { backupSection } from "../ops/backup/settings.ts";
import { incidentsSection } from "../ops/incidents/record/settings.ts";
import { healthSection } from "../ops/probes/settings.ts";
import { alertsSection } from "../ops/sinks/index.ts";
import { atRestSettings } from "../sequencer/at-rest/index.ts";
import { accessSettings } from "../sequencer/auth/index.ts";
import { storeSettings } from "../sequencer/store/index.ts";
import { anchorSection } from "../services/anchor/settings.ts";
import { coordinatorSection } from "../services/coordinator/settings.ts";
import { proverSection } from "../services/prover/settings.ts";
import { relayerSection } from "../services/relayer/settings.ts";
import { sequencerSection } from "../services/sequencer/settings.ts";
import { logSection } from "../services/support/settings.ts";
import { watcherSection } from "../services/watcher/settings.ts";
import { witnessSection } from "../services/witness/settings.ts";

/** Every section of the configuration file, each described where it is used. A new service adds a line here. */
export const SECTIONS = {
  deploy: deploySection,
  keys: keysSettings,
  log: logSection,
  relayer: relayerSection,
  coordinator: coordinatorSection,
  prover: proverSection,
  sequencer: sequencerSection,
  store: storeSettings.prefault({}),
  at_rest: atRestSettings.prefault({}),
  access: accessSettings.prefault({}),
  witness: witnessSection,
  anchor: anchorSection,
  aleo: aleoSection.prefault({}),
  watcher: watcherSection,
  alerts: alertsSection.prefault({}),
  health: healthSection.prefault({}),
  backup: backupSection.prefault({}),
  incidents: incidentsSection.prefault({}),
} as const;

export type SectionName = keyof typeof SECTIONS;
export type Section<N extends SectionName> = z.output<(typeof SECTIONS)[N]>;

const SAMPLE = "config/proofx.toml";

/** The configuration file: `--config`, else what PROOFX_CONFIG names, else the sample that comes with the project. */
export function configPath(given: string | undefined): string {
  return given ?? process.env.PROOFX_CONFIG ?? SAMPLE;
}

/**
 * One section of a configuration file; only that one is looked at, so a machine needs to fill in just what it runs.
 *
 * @throws UnavailableError when the file cannot be read; InputError naming the setting that is wrong or missing.
 */
export function readSection<N extends SectionName>(path: string, name: N): Section<N> {
  const schema = z.looseObject({ [name]: SECTIONS[name] });
  return readFields(schema, readContent(path), path, `edit ${path}`)[name] as Section<N>;
}

/** What `config check` found of one section. */
export interface SectionFinding {
  readonly section: string;
  readonly status: "ok" | "fault" | "absent";
  readonly fault?: string;
}

/** Checks every section that is there; one that nobody knows is a fault, since a misspelt one would be without effect. */
export function checkConfig(path: string): SectionFinding[] {
  const content = readContent(path);
  const known = Object.keys(SECTIONS) as SectionName[];
  const unknown = Object.keys(content).filter((name) => !(name in SECTIONS));
  return [
    ...known.map((section): SectionFinding => {
      if (!(section in content)) return { section, status: "absent" };
      const fault = faultOf(() => readSection(path, section));
      return fault === undefined ? { section, status: "ok" } : { section, status: "fault", fault };
    }),
    ...unknown.map((section): SectionFinding => {
      const fault = InputError.expected(`${path}: section`, known.join(", "), section).message;
      return { section, status: "fault", fault };
    }),
  ];
}

function faultOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof ProofXError) return error.message;
    throw error;
  }
}

function readContent(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new UnavailableError(`${path} cannot be read (${errorCode(cause)})`, {
      cause,
      next: `cp ${SAMPLE} my.toml, fill it in, and name it with --config my.toml or PROOFX_CONFIG`,
    });
  }
  return parseToml(text, path);
}
