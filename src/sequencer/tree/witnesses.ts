import { errorCode, InputError, ProofXError, UnavailableError } from "../../core/errors.ts";
import { type Checkpoint, parseCheckpoint } from "../../core/log/checkpoint.ts";
import { verifyCosignature } from "../../core/log/cosignature.ts";
import {
  lineOf,
  type NoteSignature,
  parseSignatureLine,
  type SignedNote,
} from "../../core/log/signed-note.ts";
import type { VerifierKey } from "../../core/log/verifier-key.ts";
import { witnessRequestText } from "../../core/log/witness-request.ts";
import { isU64 } from "../../core/u64.ts";

/** A witness that is asked. */
export interface WitnessEndpoint {
  /** Its submission prefix, without `/add-checkpoint`. */
  readonly url: string;
  /** Cosignature key that its answer must hold under. */
  readonly key: VerifierKey;
}

export interface CosignatureRequest {
  /** The signed checkpoint. */
  readonly note: SignedNote;
  readonly witnesses: readonly WitnessEndpoint[];
  /** RFC 9162 consistency proof between two sizes of the log, `1 <= from < to`. */
  readonly consistency: (from: bigint, to: bigint) => Promise<readonly Uint8Array[]>;
  /** Size that a witness is believed to have cosigned last, by its name: saves a question. */
  readonly knownSizes?: ReadonlyMap<string, bigint>;
  /** For each question; milliseconds. */
  readonly timeout?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** What became of one witness. */
export type WitnessOutcome =
  | {
      readonly kind: "cosigned";
      readonly witness: string;
      readonly line: NoteSignature;
      /** Seconds since the epoch. */
      readonly time: bigint;
    }
  | {
      /** `ahead`: it knows a larger log. `refused`: it was asked and said no. `unreachable`: no answer, or none of this protocol. */
      readonly kind: "ahead" | "refused" | "unreachable";
      readonly witness: string;
      readonly detail: string;
    };

const TIMEOUT_MS = 10_000;
/** Others may submit for the same log meanwhile; then the size moved once more. */
const ROUNDS = 3;
const MOST_BYTES = 65_536;
/** How far a witness's clock may be ahead of ours; seconds. */
const CLOCK_SKEW = 300;

/**
 * Asks witnesses for their cosignatures of a checkpoint, all at once (c2sp.org/tlog-witness). Every line that comes back was
 * verified; a witness that fails, lies or is late never fails the others.
 *
 * @returns One outcome a witness, in their order.
 * @throws InputError when the note is no checkpoint.
 */
export async function requestCosignatures(request: CosignatureRequest): Promise<WitnessOutcome[]> {
  const checkpoint = parseCheckpoint(request.note.text);
  return Promise.all(request.witnesses.map((witness) => askOne(witness, checkpoint, request)));
}

/** The lines to put under the checkpoint. */
export function cosignaturesOf(outcomes: readonly WitnessOutcome[]): NoteSignature[] {
  return outcomes.flatMap((outcome) => (outcome.kind === "cosigned" ? [outcome.line] : []));
}

async function askOne(
  witness: WitnessEndpoint,
  checkpoint: Checkpoint,
  request: CosignatureRequest,
): Promise<WitnessOutcome> {
  const { name } = witness.key;
  try {
    return await converse(witness, checkpoint, request);
  } catch (error) {
    const detail = error instanceof ProofXError ? error.message : `no answer (${causeOf(error)})`;
    return { kind: "unreachable", witness: name, detail };
  }
}

async function converse(
  witness: WitnessEndpoint,
  { size }: Checkpoint,
  request: CosignatureRequest,
): Promise<WitnessOutcome> {
  const { name } = witness.key;
  const known = request.knownSizes?.get(name) ?? 0n;
  let oldSize = known <= size ? known : 0n;
  for (let round = 0; round < ROUNDS; round++) {
    const proof = oldSize > 0n && oldSize < size ? await request.consistency(oldSize, size) : [];
    const answer = await post(
      witness.url,
      witnessRequestText({ oldSize, proof, note: request.note }),
      request,
    );
    if (answer.status === 200) return accept(witness, answer.body, request);
    const named = answer.status === 409 ? sizeIn(answer) : undefined;
    if (named === undefined || named === oldSize)
      return { kind: "refused", witness: name, detail: `status ${answer.status}${problemIn(answer.body)}` };
    if (named > size)
      return { kind: "ahead", witness: name, detail: `it has cosigned size ${named}, this is ${size}` };
    oldSize = named;
  }
  return { kind: "refused", witness: name, detail: `it named another size ${ROUNDS} times` };
}

/** Takes the witness's own line out of its answer; lines of other keys are passed over. */
function accept({ key }: WitnessEndpoint, body: string, request: CosignatureRequest): WitnessOutcome {
  if (!body.endsWith("\n")) throw new InputError("its answer does not end in a newline");
  const signatures = body.slice(0, -1).split("\n").map(parseSignatureLine);
  const note = { text: request.note.text, signatures };
  const now = Math.floor((request.now ?? Date.now)() / 1000);
  const time = verifyCosignature(note, key, BigInt(now + CLOCK_SKEW));
  const line = lineOf(note, key);
  if (line === undefined) throw new InputError(`its answer has no line of ${key.name}`);
  return { kind: "cosigned", witness: key.name, line, time };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

async function post(
  url: string,
  body: string,
  { timeout = TIMEOUT_MS }: CosignatureRequest,
): Promise<Answer> {
  const response = await fetch(`${url.replace(/\/+$/, "")}/add-checkpoint`, {
    method: "POST",
    body,
    headers: { "content-type": "text/plain; charset=utf-8" },
    redirect: "error",
    signal: AbortSignal.timeout(timeout),
  });
  const type = response.headers.get("content-type") ?? "";
  return { status: response.status, type, body: await readBounded(response) };
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new UnavailableError(`its answer is longer than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The size in a 409 about the old size; undefined for any other 409. */
function sizeIn({ type, body }: Answer): bigint | undefined {
  const text = body.endsWith("\n") ? body.slice(0, -1) : "";
  return type.split(";")[0]?.trim() === "text/x.tlog.size" && isU64(text) ? BigInt(text) : undefined;
}

/** The code of a problem document, as our own witness sends; nothing of any other answer. */
function problemIn(body: string): string {
  try {
    const { code } = JSON.parse(body) as { code?: unknown };
    return typeof code === "string" && /^[a-z-]{1,40}$/.test(code) ? ` (${code})` : "";
  } catch {
    return "";
  }
}

/** fetch hides what went wrong in its error's cause. */
function causeOf(error: unknown): string {
  return errorCode(error instanceof Error && error.cause !== undefined ? error.cause : error);
}
