import { sha256 } from "@noble/hashes/sha2.js";
import { equalBytes } from "../../core/bytes.ts";
import { CheckError, InputError } from "../../core/errors.ts";
import { type Checkpoint, parseCheckpoint } from "../../core/log/checkpoint.ts";
import { cosign } from "../../core/log/cosignature.ts";
import { verifyLogConsistency } from "../../core/log/log-proofs.ts";
import { type NoteSigner, noteText, signatureLine, verifyNote } from "../../core/log/signed-note.ts";
import { parseWitnessRequest, type WitnessRequest } from "../../core/log/witness-request.ts";
import { Problem } from "../support/problem.ts";
import type { Head, Heads } from "./heads.ts";
import type { WitnessProblem } from "./problems.ts";
import type { WitnessedLog } from "./settings.ts";

/** What the witness says to a request that it does not refuse with a problem. */
export type WitnessAnswer =
  | { readonly kind: "cosigned"; readonly origin: string; readonly size: bigint; readonly lines: string }
  /** The old size is not that of the head cosigned last, which is this. */
  | { readonly kind: "stale"; readonly origin: string; readonly size: bigint };

export interface WitnessParts {
  readonly heads: Heads;
  readonly signer: NoteSigner;
  readonly logs: readonly WitnessedLog[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A log signed two roots for one size; `path` holds both checkpoints. */
  readonly onEquivocation: (origin: string, size: bigint, path: string) => void;
}

/** Root of the log without entries, which everybody knows. */
const NOTHING: Head = { size: 0n, root: sha256(new Uint8Array()), time: 0n, note: "" };

/** Cosigns the heads of logs that only grow (c2sp.org/tlog-witness). */
export class Witness {
  readonly #parts: WitnessParts;
  readonly #logs: ReadonlyMap<string, WitnessedLog>;

  constructor(parts: WitnessParts) {
    this.#parts = parts;
    this.#logs = new Map(parts.logs.map((log) => [log.origin, log]));
  }

  /**
   * Decides about one request; a head is on the disk before its cosignature exists.
   *
   * @throws Problem of `WITNESS_PROBLEMS`; UnavailableError when the head cannot be kept.
   */
  async add(body: Uint8Array): Promise<WitnessAnswer> {
    const { request, checkpoint, log } = this.#read(body);
    const { origin } = log;
    // From here to `keep` without an await: two heads sent at once are decided about one after the other.
    const last = this.#parts.heads.last(origin) ?? NOTHING;
    const { size } = checkpoint;
    if (request.oldSize > size)
      throw refusal("old-size", `old size ${request.oldSize}, checkpoint of size ${size}`);
    const forked = size === last.size && !equalBytes(checkpoint.root, last.root);
    if (forked && last !== NOTHING) {
      const path = this.#parts.heads.keepEvidence(origin, last.note, noteText(request.note));
      this.#parts.onEquivocation(origin, size, path);
    }
    if (request.oldSize !== last.size) return { kind: "stale", origin, size: last.size };
    if (forked) throw refusal("equivocation", `size ${size} is known with another root`);
    requireConsistent(request, checkpoint, last);
    const time = this.#timeAfter(last);
    this.#parts.heads.keep(origin, { size, root: checkpoint.root, time, note: noteText(request.note) });
    const line = await cosign(request.note.text, this.#parts.signer, time);
    return { kind: "cosigned", origin, size, lines: signatureLine(line) };
  }

  /** What is cosigned of each log; size 0 for nothing yet. */
  sizes(): { origin: string; size: bigint }[] {
    return this.#parts.logs.map(({ origin }) => ({
      origin,
      size: this.#parts.heads.last(origin)?.size ?? 0n,
    }));
  }

  #read(body: Uint8Array): { request: WitnessRequest; checkpoint: Checkpoint; log: WitnessedLog } {
    const { request, checkpoint } = readBody(body);
    const log = this.#logs.get(checkpoint.origin);
    if (log === undefined) throw refusal("unknown-log", "no log of this origin is configured");
    try {
      verifyNote(request.note, log.keys);
    } catch (cause) {
      if (cause instanceof CheckError) throw refusal("not-signed", cause.message, cause);
      throw cause;
    }
    return { request, checkpoint, log };
  }

  /** Seconds; never before the last cosignature, though the clock was set back: each says what was largest by then. */
  #timeAfter(last: Head): bigint {
    const now = BigInt(Math.floor(this.#parts.now() / 1000));
    return now > last.time ? now : last.time;
  }
}

function readBody(body: Uint8Array): { request: WitnessRequest; checkpoint: Checkpoint } {
  try {
    const request = parseWitnessRequest(body);
    return { request, checkpoint: parseCheckpoint(request.note.text) };
  } catch (cause) {
    if (cause instanceof InputError) throw refusal("malformed", cause.message, cause);
    throw cause;
  }
}

function requireConsistent({ proof }: WitnessRequest, checkpoint: Checkpoint, last: Head): void {
  // From nothing everything follows, and there is no proof to send.
  if (last.size === 0n) {
    if (proof.length > 0) throw refusal("inconsistent", "expected no proof from size 0");
    return;
  }
  try {
    verifyLogConsistency(
      { first: last.size, second: checkpoint.size, path: proof },
      last.root,
      checkpoint.root,
    );
  } catch (cause) {
    if (cause instanceof CheckError) throw refusal("inconsistent", cause.message, cause);
    throw cause;
  }
}

function refusal(code: WitnessProblem, detail: string, cause?: unknown): Problem {
  return new Problem(code, detail, { cause });
}
