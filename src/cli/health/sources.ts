import { readFileSync } from "node:fs";
import { z } from "zod";
import { isPlainUrl } from "../../aleo/settings.ts";
import { type Deployment, readDeploymentFile } from "../../chain/deployment.ts";
import type { RpcPool } from "../../chain/relay/pool.ts";
import { errorCode, InputError, ProofXError, UnavailableError } from "../../core/errors.ts";
import { readJson, uuidField } from "../../core/json.ts";
import { parseToml } from "../../core/toml.ts";
import { deadLetterFolder } from "../../ops/alerts/index.ts";
import { listBackups } from "../../ops/backup/index.ts";
import {
  ALEO_PROGRAMS,
  type HealthSettings,
  type ProbeParts,
  type WatchedBackups,
  type WatchedLog,
} from "../../ops/probes/index.ts";
import { configuredKeyParts } from "../../ops/rotation/index.ts";
import { openPool, rpcFields } from "../../services/support/rpc.ts";
import { readTrust } from "../backup/signers.ts";
import { readSection } from "../config-file.ts";

/** What a configuration names, opened for looking. */
export interface HealthSources {
  readonly settings: HealthSettings;
  readonly parts: ProbeParts;
  readonly chain: { readonly pool: RpcPool; readonly deployment: Deployment } | undefined;
  /** Sections of the file. */
  readonly sections: ReadonlySet<string>;
  /** Of `[alerts]`. */
  readonly alertsFolder: string | undefined;
  /** What is configured and could not be opened. */
  readonly faults: { part: string; error: ProofXError }[];
}

/** Of `[watcher]`, or of another section that works on a chain, no more is read than where that chain is. */
const chainSection = z.looseObject({ deployment: z.string(), ...rpcFields });
const CHAIN_SECTIONS = ["watcher", "relayer", "anchor"] as const;

const logSection = z.looseObject({
  url: z.string().refine(isPlainUrl, { error: "an http or https URL without a user or password" }),
  tenant: uuidField,
  store: uuidField,
  token_file: z.string(),
});

/**
 * Opens what `[health]`, `[watcher]` (else `[relayer]` or `[anchor]`), `[keys]`, `[aleo]`, `[alerts]` and `[backup]` name. A part that
 * cannot be opened is a fault of that part, not of the command.
 *
 * @throws UnavailableError when the file cannot be read; InputError when it is no TOML, or `[health]` is wrong.
 */
export async function openSources(path: string): Promise<HealthSources> {
  const content = readContent(path);
  const faults: HealthSources["faults"] = [];
  const attempt: Attempt = async (part, open) => {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof ProofXError)) throw error;
      faults.push({ part, error });
      return undefined;
    }
  };
  const chain = await attempt("chain", () => openChain(content));
  const parts = { ...(await openParts(path, content, attempt)), chain };
  const sections = new Set(Object.keys(content));
  return {
    settings: readSection(path, "health"),
    parts,
    chain,
    sections,
    alertsFolder: alertsFolderOf(path, content),
    faults,
  };
}

type Attempt = <T>(part: string, open: () => T | Promise<T>) => Promise<T | undefined>;

async function openParts(
  path: string,
  content: Record<string, unknown>,
  attempt: Attempt,
): Promise<Omit<ProbeParts, "chain">> {
  const alertsFolder = alertsFolderOf(path, content);
  return {
    logs: await attempt("log", () => logsOf(content)),
    keys: await attempt("keys", () => configuredKeyParts(path)),
    aleo: await attempt("aleo", () => aleoOf(path)),
    backups: await attempt("backups", () => organisationBackups(path, content)),
    deadLetters: alertsFolder === undefined ? undefined : deadLetterFolder(alertsFolder),
  };
}

async function openChain(content: Record<string, unknown>): Promise<HealthSources["chain"]> {
  const section = CHAIN_SECTIONS.find((name) => content[name] !== undefined);
  if (section === undefined) return undefined;
  const settings = readJson(chainSection, content[section], section);
  if (settings.rpc_urls === undefined && settings.rpc_urls_file === undefined)
    throw InputError.expected(section, "rpc_urls or rpc_urls_file", undefined);
  const deployment = readDeploymentFile(settings.deployment);
  return { pool: await openPool(section, settings, deployment, { fault: () => {} }), deployment };
}

function logsOf(content: Record<string, unknown>): readonly WatchedLog[] {
  const { watcher } = readJson(
    z.looseObject({ watcher: z.looseObject({ logs: z.array(logSection).default([]) }).optional() }),
    content,
  );
  return (watcher?.logs ?? []).map(({ url, ...log }) => ({ ...log, url: url.replace(/\/+$/, "") }));
}

function aleoOf(path: string): ProbeParts["aleo"] {
  const settings = readSection(path, "aleo");
  const url = process.env.PROOFX_ALEO_URL ?? settings.url;
  return url === undefined ? undefined : { settings: { ...settings, url }, programs: ALEO_PROGRAMS };
}

/** Without the section nobody is told of anything here. */
function alertsFolderOf(path: string, { alerts }: Record<string, unknown>): string | undefined {
  return alerts === undefined ? undefined : readSection(path, "alerts").folder;
}

/** How much later than planned a backup may be. */
const BACKUP_GRACE = 7_200;

/** The organisation's backups, where `[backup]` plans them. @throws InputError when the section is wrong. */
export function organisationBackups(
  path: string,
  content: Record<string, unknown> = readContent(path),
): readonly WatchedBackups[] {
  if (content.backup === undefined) return [];
  const { folder, every } = readSection(path, "backup");
  const newest = async () => {
    const first = (await listBackups(folder, await readTrust({ config: path }))).find(({ counts }) => counts);
    return first === undefined ? undefined : Date.parse(first.takenAt);
  };
  return [{ name: "organisation", max_age: every + BACKUP_GRACE, newest }];
}

function readContent(path: string): Record<string, unknown> {
  try {
    return parseToml(readFileSync(path, "utf8"), path);
  } catch (cause) {
    if (cause instanceof ProofXError) throw cause;
    throw new UnavailableError(`${path} cannot be read (${errorCode(cause)})`, {
      cause,
      next: "name the configuration with --config or PROOFX_CONFIG",
    });
  }
}
