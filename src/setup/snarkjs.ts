import { readFile, stat } from "node:fs/promises";
import * as snarkjs from "snarkjs";
import { BN254_WORKERS } from "../core/shared.ts";

/** What we use of an ffjavascript group: points are opaque bytes in Montgomery form. */
export interface Group {
  readonly F: { readonly n8: number };
  fromRprLEM(bytes: Uint8Array, offset: number): Uint8Array;
  toRprUncompressed(into: Uint8Array, offset: number, point: Uint8Array): void;
}

export interface Curve {
  readonly G1: Group;
  readonly G2: Group;
  terminate(): Promise<void>;
}

/** Where snarkjs writes why it says no. */
export interface SnarkLogger {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

/** A path, or a file's bytes. */
type Input = string | Uint8Array;

/** The calls of snarkjs 0.7.6 that setup makes, as they are; its published types are wrong or silent on these. */
interface SetupCalls {
  readonly curves: { getCurveFromName(name: "bn128"): Promise<Curve> };
  readonly powersOfTau: { verify(file: Input, logger?: SnarkLogger): Promise<boolean> };
  readonly zKey: {
    newZKey(r1cs: Input, ptau: Input, zkey: string, logger?: SnarkLogger): Promise<Uint8Array | -1>;
    contribute(from: string, to: string, name: string, entropy: string): Promise<Uint8Array>;
    beacon(from: string, to: string, name: string, hex: string, iterationsExp: number): Promise<Uint8Array>;
    verifyFromInit(initial: Input, ptau: Input, zkey: Input, logger?: SnarkLogger): Promise<boolean>;
    verifyFromR1cs(r1cs: Input, ptau: Input, zkey: Input, logger?: SnarkLogger): Promise<boolean>;
    exportVerificationKey(zkey: Input): Promise<unknown>;
  };
}

export const { curves, powersOfTau, zKey } = snarkjs as unknown as SetupCalls;

/** Runs with the curve's worker threads up, and ends them afterwards unless somebody else uses them. */
export async function withCurve<T>(run: (curve: Curve) => Promise<T>): Promise<T> {
  const curve = (await BN254_WORKERS.hold(() => curves.getCurveFromName("bn128"))) as Curve;
  try {
    return await run(curve);
  } finally {
    await BN254_WORKERS.release((each) => each.terminate());
  }
}

const IN_MEMORY = 256 * 2 ** 20;

/** The file's bytes unless it is large: snarkjs leaves files it has read open. */
export async function input(path: string): Promise<Input> {
  return (await stat(path)).size <= IN_MEMORY ? await readFile(path) : path;
}

/** A logger that keeps the complaints, for the text of an error or a check, and prints nothing. */
export class Complaints implements SnarkLogger {
  readonly #lines: string[] = [];
  debug(): void {}
  info(): void {}
  warn(text: string): void {
    this.#lines.push(text.trim());
  }
  error(text: string): void {
    this.#lines.push(text.trim());
  }
  /**
   * Runs a snarkjs verification; false when it says no, or when it stumbles over what it was given.
   *
   * Some reasons it gives to the console alone, where they would break a task's JSON: they are kept here instead.
   */
  async collect(run: () => Promise<boolean>): Promise<boolean> {
    const { log } = console;
    console.log = (...words: unknown[]) => this.error(words.join(" "));
    try {
      return await run();
    } catch (error) {
      this.error(error instanceof Error ? error.message : String(error));
      return false;
    } finally {
      console.log = log;
    }
  }

  /** All complaints, or the given words when there was none. */
  or(words: string): string {
    return this.#lines.length === 0 ? words : this.#lines.join("; ");
  }
}
