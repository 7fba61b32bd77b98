import { mkdir, readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CheckError, errorCode, InputError, UnavailableError } from "../../core/errors.ts";
import type { KeyHash } from "./fields.ts";
import {
  type BeaconRecord,
  beaconSchema,
  type CeremonyConfig,
  type Contribution,
  configSchema,
  contributionSchema,
  parseRecord,
  recordHash,
} from "./record.ts";
import { faultOfBeacon, faultOfConfig, faultOfContribution, type RecordFault } from "./rules.ts";

/** Names within a ceremony's folder. The records are committed; the proving keys are too large for that. */
export const FILES = {
  config: "ceremony.json",
  contributions: "contributions",
  beacon: "beacon.json",
  keys: "keys",
} as const;

/** Where the project's ceremonies are recorded. */
const HOME = fileURLToPath(new URL("../../../ceremony/phase2", import.meta.url));

/** Folder of a ceremony that is given by its name, `001-compliance`, or by a path, which has a separator. */
export function ceremonyFolder(nameOrPath: string): string {
  return /[/\\]/.test(nameOrPath) ? resolve(nameOrPath) : join(HOME, nameOrPath);
}

/** A ceremony as its records tell it, every rule between them checked. Proving keys are not looked at. */
export interface Ceremony {
  readonly folder: string;
  readonly config: CeremonyConfig;
  readonly contributions: readonly Contribution[];
  /** Once it is finished. */
  readonly beacon: BeaconRecord | undefined;
  /** SHA-256 of the last record: what the next one names as `previous`. */
  readonly head: string;
  /** The proving key that the last record tells of. */
  readonly lastKey: KeyHash;
}

/** One record that was looked at; `fault` is what is wrong with it. */
export interface RecordFinding {
  /** Relative to the ceremony's folder. */
  readonly file: string;
  readonly fault: RecordFault | undefined;
}

/** File of a contribution's record, relative to the folder. */
export function contributionFile(index: number): string {
  return `${FILES.contributions}/${number(index)}.json`;
}

/** File name of the proving key after a contribution; 0 is the key before any. */
export function keyFile(index: number): string {
  return `${number(index)}.zkey`;
}

/** File name of the proving key after the beacon. */
export const FINAL_KEY = "final.zkey";

/** Folder for the proving keys, beside the records unless another is named. */
export function keysFolderOf(folder: string, keys: string | undefined): string {
  return keys ?? join(folder, FILES.keys);
}

/**
 * Reads every record and checks all that text can tell: form, signatures, chain, order, times.
 *
 * @throws CheckError for the first record that is wrong, naming it; UnavailableError when there is no ceremony.
 */
export async function readCeremony(folder: string): Promise<Ceremony> {
  const { ceremony, findings } = await inspectRecords(folder);
  if (ceremony !== undefined) return ceremony;
  const last = findings.at(-1);
  const { expected = "a record", got = "none" } = last?.fault ?? {};
  throw new CheckError(`${join(folder, last?.file ?? "")}: expected ${expected}, got ${got}`, {
    next: `npx hardhat ceremony verify --ceremony ${folder}; docs/ceremony.md says what each finding means`,
  });
}

/**
 * As `readCeremony`, with one finding a record; the first fault ends it.
 *
 * @returns no ceremony when the last finding is a fault.
 * @throws UnavailableError when there is no such folder.
 */
export async function inspectRecords(
  folder: string,
): Promise<{ ceremony: Ceremony | undefined; findings: RecordFinding[] }> {
  const findings: RecordFinding[] = [];
  try {
    return { ceremony: await walk(folder, findings), findings };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return { ceremony: undefined, findings };
  }
}

/** Makes the folders of a new ceremony. */
export async function makeFolders(folder: string, keys: string): Promise<void> {
  await mkdir(join(folder, FILES.contributions), { recursive: true });
  await mkdir(keys, { recursive: true });
}

class Stop extends Error {}

async function walk(folder: string, findings: RecordFinding[]): Promise<Ceremony> {
  const note = (file: string, fault: RecordFault | undefined): void => {
    findings.push({ file, fault });
    if (fault !== undefined) throw new Stop();
  };
  const names = await requireKnownNames(folder, note);
  const { record: config, text } = await open(folder, FILES.config, configSchema, note);
  note(FILES.config, faultOfConfig(config));
  let ceremony: Ceremony = {
    folder,
    config,
    contributions: [],
    beacon: undefined,
    head: recordHash(text),
    lastKey: config.initialKey,
  };
  for (let index = 1; index <= names.contributions; index += 1) {
    const file = contributionFile(index);
    const next = await open(folder, file, contributionSchema, note);
    note(file, faultOfContribution(ceremony, next.record));
    ceremony = withContribution(ceremony, next.record, next.text);
  }
  if (!names.beacon) return ceremony;
  const last = await open(folder, FILES.beacon, beaconSchema, note);
  note(FILES.beacon, faultOfBeacon(ceremony, last.record));
  return { ...ceremony, beacon: last.record, head: recordHash(last.text), lastKey: last.record.to };
}

/** The ceremony after one more contribution. */
export function withContribution(ceremony: Ceremony, record: Contribution, text: string): Ceremony {
  return {
    ...ceremony,
    contributions: [...ceremony.contributions, record],
    head: recordHash(text),
    lastKey: record.to,
  };
}

type Note = (file: string, fault: RecordFault | undefined) => void;

async function open<T extends Parameters<typeof parseRecord>[0]>(
  folder: string,
  file: string,
  schema: T,
  note: Note,
): Promise<{ record: ReturnType<typeof parseRecord<T>>; text: string }> {
  const text = await readFile(join(folder, file), "utf8").catch((cause: unknown) => {
    throw new UnavailableError(`${join(folder, file)} cannot be read (${errorCode(cause)})`, { cause });
  });
  try {
    return { record: parseRecord(schema, file, text), text };
  } catch (error) {
    if (!(error instanceof CheckError)) throw error;
    note(file, { expected: "a well-formed record", got: error.message.slice(file.length + 2) });
    throw error;
  }
}

/** A record under a wrong name, a gap, a file that nothing tells of: each is how something could be slipped in or out. */
async function requireKnownNames(
  folder: string,
  note: Note,
): Promise<{ contributions: number; beacon: boolean }> {
  const top = await list(folder);
  if (top === undefined || !top.includes(FILES.config)) {
    throw new UnavailableError(`${folder}: there is no ceremony: no ${FILES.config}`, {
      next: "npx hardhat ceremony new, or name the folder with --ceremony",
    });
  }
  const known: readonly string[] = Object.values(FILES);
  const stray = top.find((name) => !known.includes(name) && !isOurTemporary(name));
  if (stray !== undefined) note(stray, { expected: `nothing but ${known.join(", ")}`, got: "another file" });
  const records = ((await list(join(folder, FILES.contributions))) ?? []).filter(
    (name) => !isOurTemporary(name),
  );
  for (const [i, name] of records.entries()) {
    const expected = `${number(i + 1)}.json`;
    if (name === expected) continue;
    note(`${FILES.contributions}/${expected}`, {
      expected: "the next contribution",
      got: `no such file, but ${name}`,
    });
  }
  return { contributions: records.length, beacon: top.includes(FILES.beacon) };
}

/** Left by a writer that was killed, or by the lock of one that works: no record. */
function isOurTemporary(name: string): boolean {
  return /^[\w.-]+\.(?:[0-9a-f]{12}\.tmp|turn|partial)$/.test(name) || name === "README.md";
}

async function list(folder: string): Promise<string[] | undefined> {
  try {
    return (await readdir(folder)).sort();
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return undefined;
    throw new UnavailableError(`${folder} cannot be read (${errorCode(cause)})`, { cause });
  }
}

function number(index: number): string {
  if (!Number.isInteger(index) || index < 0 || index > 9999) {
    throw InputError.expected("contribution", "a number up to 9999", index);
  }
  return String(index).padStart(4, "0");
}
