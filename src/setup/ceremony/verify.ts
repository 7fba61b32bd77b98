import { ProofXError } from "../../core/errors.ts";
import type { OnProgress } from "../progress.ts";
import { DEVELOPMENT_PTAU } from "../ptau.ts";
import { withCurve } from "../snarkjs.ts";
import type { SolidityVerifyingKey } from "../verifying-key.ts";
import { remarksOnBeacon } from "./announce.ts";
import { type Ceremony, inspectRecords, keysFolderOf, type RecordFinding } from "./folder.ts";
import type { CeremonyConfig, Contribution } from "./record.ts";
import { FILE_CHECKS, type Outcome, type VerifyContext } from "./verify-files.ts";
import { withTemporaryFolder } from "./work-folder.ts";

export interface VerifyCeremonyRequest {
  readonly folder: string;
  /** Folder with the proving keys; `keys` in the folder unless given. */
  readonly keys?: string | undefined;
  /** The last proving key, wherever it is; in the folder of keys unless given. */
  readonly zkey?: string | undefined;
  /** Path of the compiled circuit. */
  readonly r1cs: string;
  /** Path of the powers of tau; the development file unless given. */
  readonly ptau?: string | undefined;
  /** `verifyingKey()` of the deployed circuit verifier, to compare. */
  readonly deployedKey?: SolidityVerifyingKey | undefined;
  /** Text of an attestation that must be among the records: a contributor's own. */
  readonly includes?: string | undefined;
  readonly onProgress?: OnProgress;
}

/** One check; `where` is the file or thing looked at, `expected` and `got` are for people. */
export interface CeremonyCheck {
  readonly name: string;
  readonly where: string;
  readonly status: "ok" | "wrong" | "not checked";
  readonly expected: string;
  readonly got: string;
}

export interface CeremonyVerification {
  /** Nothing is wrong and nothing that the proving key's soundness depends on was left out. */
  readonly ok: boolean;
  /** Whether the beacon was applied. */
  readonly finished: boolean;
  readonly name: string;
  readonly development: boolean;
  readonly origin: CeremonyConfig["ptau"]["label"];
  readonly contributors: number;
  /** Who they are by their own signatures: whether these are people to trust is for the reader. */
  readonly signedBy: readonly Pick<Contribution, "index" | "name" | "publicKey">[];
  readonly checks: readonly CeremonyCheck[];
  readonly firstWrong: CeremonyCheck | undefined;
  /** Whether the last proving key was there to be checked. */
  readonly keyChecked: boolean;
  /** What no program can see or the files did not allow; for people. */
  readonly remarks: readonly string[];
}

/**
 * Checks a ceremony from scratch: records, powers of tau, the key before any contribution made anew, every key that is
 * there, the chain, the beacon. About half a minute for the compliance circuit.
 *
 * It ends with the first thing that is wrong: what comes after depends on it.
 *
 * @returns a bad ceremony is a result, no exception.
 * @throws UnavailableError when there is no ceremony, or circuit or powers of tau are missing.
 */
export async function verifyCeremony(request: VerifyCeremonyRequest): Promise<CeremonyVerification> {
  request.onProgress?.({
    step: "records",
    done: 0,
    total: FILE_CHECKS.length + 1,
    message: "reading every record",
  });
  const { ceremony, findings } = await inspectRecords(request.folder);
  const checks = findings.map(asCheck);
  if (ceremony === undefined) return conclude(checks, undefined);
  const included = checkIncluded(ceremony, request.includes);
  if (included !== undefined) checks.push(included);
  if (included?.status === "wrong") return conclude(checks, ceremony);
  await withTemporaryFolder(async (work) => {
    const context: VerifyContext = {
      ceremony,
      keys: keysFolderOf(request.folder, request.keys),
      zkey: request.zkey,
      r1cs: request.r1cs,
      ptau: request.ptau ?? DEVELOPMENT_PTAU,
      deployedKey: request.deployedKey,
      work,
    };
    await withCurve(() => runChecks(context, checks, request.onProgress));
  });
  return conclude(checks, ceremony);
}

async function runChecks(
  context: VerifyContext,
  checks: CeremonyCheck[],
  onProgress: OnProgress | undefined,
): Promise<void> {
  for (const [i, { name, message, expected, run }] of FILE_CHECKS.entries()) {
    onProgress?.({ step: name, done: i + 1, total: FILE_CHECKS.length + 1, message });
    for (const outcome of await outcomesOf(() => run(context), expected)) {
      checks.push({ name, ...outcome });
      if (outcome.status === "wrong") return;
    }
  }
}

/** What our own code refuses to read is a finding; anything else is too, as the files are all it depends on. */
async function outcomesOf(run: () => Promise<Outcome[]>, expected: string): Promise<Outcome[]> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ProofXError && error.name === "UnavailableError") throw error;
    const got = error instanceof Error ? error.message : String(error);
    return [{ where: "its file", status: "wrong", expected, got }];
  }
}

function asCheck({ file, fault }: RecordFinding): CeremonyCheck {
  const ok = "holds, by itself and after the records before it";
  return {
    name: "record",
    where: file,
    status: fault === undefined ? "ok" : "wrong",
    expected: fault?.expected ?? ok,
    got: fault?.got ?? ok,
  };
}

function checkIncluded(ceremony: Ceremony, text: string | undefined): CeremonyCheck | undefined {
  if (text === undefined) return undefined;
  const found = ceremony.contributions.some((record) => `${JSON.stringify(record, null, 2)}\n` === text);
  return {
    name: "your contribution",
    where: "contributions",
    status: found ? "ok" : "wrong",
    expected: "your attestation among the records, byte for byte",
    got: found ? "it is there" : "it is not there: it was dropped or changed",
  };
}

function conclude(checks: readonly CeremonyCheck[], ceremony: Ceremony | undefined): CeremonyVerification {
  const firstWrong = checks.find(({ status }) => status === "wrong");
  const keyChecked = checks.some(({ name, status }) => name === "contribution chain" && status === "ok");
  return {
    ok: firstWrong === undefined && keyChecked,
    finished: ceremony?.beacon !== undefined,
    name: ceremony?.config.name ?? "unknown",
    development: ceremony?.config.ptau.label === "development",
    origin: ceremony?.config.ptau.label ?? "unknown",
    contributors: ceremony?.contributions.length ?? 0,
    signedBy: (ceremony?.contributions ?? []).map(({ index, name, publicKey }) => ({
      index,
      name,
      publicKey,
    })),
    checks,
    firstWrong,
    keyChecked,
    remarks: ceremony === undefined ? [] : remarksOn(ceremony, checks),
  };
}

function remarksOn({ config, contributions, beacon }: Ceremony, checks: readonly CeremonyCheck[]): string[] {
  const absent = config.contributors.filter(
    ({ publicKey }) => !contributions.some((each) => each.publicKey === publicKey),
  );
  return [
    ...(beacon === undefined ? [`not finished: no beacon yet, due ${config.beacon.notBefore}`] : []),
    ...absent.map(({ name }) => `expected, but did not contribute: ${name}`),
    ...remarksOnBeacon(config.beacon),
    ...checks
      .filter(({ status }) => status === "not checked")
      .map(({ where, got }) => `not checked: ${where}: ${got}`),
  ];
}
