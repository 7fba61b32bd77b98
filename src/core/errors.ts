/** Exit codes of every task and command; scripts may rely on them. */
export const EXIT = { ok: 0, failed: 1, badInput: 2, refused: 3, unavailable: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface ErrorParts {
  /** What a person does next; a command where there is one. */
  readonly next?: string;
  readonly cause?: unknown;
}

/**
 * Every error ProofX raises on purpose: one sentence, what to do next, the cause.
 *
 * The hierarchy is closed; an error that is none of these is a defect.
 */
export abstract class ProofXError extends Error {
  abstract readonly exitCode: ExitCode;
  readonly next: string | undefined;

  constructor(message: string, parts: ErrorParts = {}) {
    super(message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = new.target.name;
    this.next = parts.next;
  }
}

/** The caller gave something that cannot be used; nothing was done. */
export class InputError extends ProofXError {
  readonly exitCode = EXIT.badInput;

  /** `what: expected X, got Y`, the form of every input error. Never pass a secret as `got`. */
  static expected(what: string, expected: string, got: unknown, next?: string): InputError {
    return new InputError(
      `${what}: expected ${expected}, got ${show(got)}`,
      next === undefined ? {} : { next },
    );
  }
}

/** A check that ran said no: a proof, a signature, a transcript, a deployment that is not what it should be. */
export class CheckError extends ProofXError {
  readonly exitCode = EXIT.failed;
}

/** A rule of ours refuses the act, e.g. a development setup on a public network. */
export class RefusedError extends ProofXError {
  readonly exitCode = EXIT.refused;
}

/** Something outside is missing or does not answer: a node, a file, a compiler. */
export class UnavailableError extends ProofXError {
  readonly exitCode = EXIT.unavailable;
}

/** `ENOENT` and the like of a system's error; the error's class for anything else. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

function show(value: unknown): string {
  if (typeof value === "string") return value.length > 80 ? `"${value.slice(0, 77)}..."` : `"${value}"`;
  if (typeof value === "bigint" || typeof value === "number" || typeof value === "boolean")
    return String(value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value === undefined) return "nothing";
  return value === null ? "null" : typeof value;
}
