import { access } from "node:fs/promises";
import { CheckError, ProofXError, UnavailableError } from "../core/errors.ts";
import { type CheckContext, SETUP_CHECKS } from "./checks.ts";
import type { OnProgress } from "./progress.ts";
import { DEVELOPMENT_PTAU } from "./ptau.ts";
import { withCurve } from "./snarkjs.ts";
import { readTranscript, type Transcript, transcriptSchema } from "./transcript.ts";
import type { SolidityVerifyingKey } from "./verifying-key.ts";

export interface VerifyRequest {
  /** Path of the compiled circuit. */
  readonly r1cs: string;
  /** Path of the powers of tau; the development file unless given. */
  readonly ptau?: string;
  /** Path of the proving key. */
  readonly zkey: string;
  /** Path of the transcript, or what was read from one. */
  readonly transcript: string | Transcript;
  /** `verifyingKey()` of the deployed circuit verifier, to compare with the exported one. */
  readonly deployedKey?: SolidityVerifyingKey;
  /**
   * Path of the initial key that `ensureSetup` kept. With it the check takes seconds and is no longer from scratch: it
   * believes that key, and powers of tau whose hash is known.
   */
  readonly initialKey?: string;
  readonly onProgress?: OnProgress;
}

/** One check; `expected` and `got` are for people. */
export interface SetupCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly expected: string;
  readonly got: string;
}

export interface SetupVerification {
  readonly ok: boolean;
  /** Whether the powers of tau, by their hash, are the development ones. */
  readonly development: boolean;
  /** Where the powers of tau are from, by their hash; `unknown` also when they cannot be read. */
  readonly origin: Transcript["ptau"]["label"];
  /** Contributions that the key lists besides the beacon; 0 when it cannot be read. */
  readonly contributors: number;
  /** In the order in which they were made. */
  readonly checks: readonly SetupCheck[];
  /** The first check that said no. */
  readonly firstWrong: SetupCheck | undefined;
}

/**
 * Checks a setup from scratch, believing nothing that can be computed. About 40 s for the compliance circuit.
 *
 * @returns one entry a check; a bad setup is a result, no exception.
 * @throws UnavailableError when a file is missing.
 */
export async function verifySetup(request: VerifyRequest): Promise<SetupVerification> {
  const ptau = request.ptau ?? DEVELOPMENT_PTAU;
  const { r1cs, zkey, initialKey } = request;
  for (const path of [r1cs, ptau, zkey, ...(initialKey === undefined ? [] : [initialKey])]) {
    await requireFile(path);
  }
  const transcript = await openTranscript(request.transcript);
  if (transcript instanceof CheckError) {
    return conclude([refusal("transcript", "version 1, every field well formed", transcript)]);
  }
  const context: CheckContext = { ...request, ptau, transcript };
  const checks = await withCurve(() => runChecks(context, request.onProgress));
  return conclude(checks, context);
}

async function runChecks(context: CheckContext, onProgress?: OnProgress): Promise<SetupCheck[]> {
  const selected = SETUP_CHECKS.filter((each) => each.applies(context));
  const checks: SetupCheck[] = [];
  for (const [done, { name, message, expected, run }] of selected.entries()) {
    onProgress?.({ step: name, done, total: selected.length, message });
    try {
      checks.push({ name, ...(await run(context)) });
    } catch (error) {
      checks.push(refusal(name, expected, error));
    }
  }
  return checks;
}

function conclude(
  checks: readonly SetupCheck[],
  { identity, contributors = 0 }: Pick<CheckContext, "identity" | "contributors"> = {},
): SetupVerification {
  const firstWrong = checks.find((each) => !each.ok);
  const origin = identity?.label ?? "unknown";
  const development = origin === "development";
  return { ok: firstWrong === undefined, development, origin, contributors, checks, firstWrong };
}

/** What our own code refuses to read is a finding; anything else is too, as the files are all it depends on. */
function refusal(name: string, expected: string, error: unknown): SetupCheck {
  const got = error instanceof ProofXError || error instanceof Error ? error.message : String(error);
  return { name, ok: false, expected, got };
}

async function openTranscript(given: string | Transcript): Promise<Transcript | CheckError> {
  if (typeof given === "string") {
    return await readTranscript(given).catch((error: unknown) => {
      if (error instanceof CheckError) return error;
      throw error;
    });
  }
  const parsed = transcriptSchema.safeParse(given);
  const issue = parsed.error?.issues[0];
  return parsed.success ? parsed.data : new CheckError(`${issue?.path.join(".")}: ${issue?.message}`);
}

async function requireFile(path: string): Promise<void> {
  await access(path).catch((cause: unknown) => {
    throw new UnavailableError(`cannot read ${path}`, { cause });
  });
}
