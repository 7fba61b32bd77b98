import { isMainThread } from "node:worker_threads";
import * as snarkjs from "snarkjs";
import { CheckError, InputError } from "../core/errors.ts";
import { BN254_WORKERS } from "../core/shared.ts";
import { readArtifact } from "./artifact.ts";
import type { BackendProof, Groth16Backend, LoadedKey } from "./backend.ts";
import { parseProof } from "./proof.ts";

/** The calls of snarkjs 0.7.6 made here, as they are; its published types do not know files in memory. */
interface ProverCalls {
  readonly curves: {
    getCurveFromName(name: "bn128", options?: { singleThread: boolean }): Promise<Curve>;
  };
  readonly zKey: { exportVerificationKey(zkey: Uint8Array): Promise<unknown> };
  readonly groth16: {
    prove(zkey: Uint8Array, witness: Uint8Array): Promise<{ proof: unknown; publicSignals: string[] }>;
    verify(key: unknown, signals: readonly string[], proof: unknown): Promise<boolean>;
  };
}

interface Curve {
  terminate(): Promise<void>;
}

const { curves, zKey, groth16 } = snarkjs as unknown as ProverCalls;

/** Keeps the curve's worker threads up. Every hold is given back once by {@link releaseWorkers}. */
export async function holdWorkers(): Promise<void> {
  await BN254_WORKERS.hold(isMainThread ? () => curves.getCurveFromName("bn128") : openInThisThread);
}

/**
 * The curve without threads of its own: within a worker thread snarkjs cannot start any. It looks for a curve that is open
 * already where this puts it, and would try to open one with threads else.
 */
async function openInThisThread(): Promise<Curve> {
  const curve = await curves.getCurveFromName("bn128", { singleThread: true });
  const cache = globalThis as { curve_bn128?: Curve | undefined };
  cache.curve_bn128 = curve;
  return {
    terminate: async () => {
      cache.curve_bn128 = undefined;
    },
  };
}

export async function releaseWorkers(): Promise<void> {
  await BN254_WORKERS.release((curve) => curve.terminate());
}

/** Whether a proof holds, by snarkjs; somebody must hold the workers. */
export async function verifyGroth16(
  key: unknown,
  signals: readonly string[],
  proof: unknown,
): Promise<boolean> {
  return await groth16.verify(key, signals, proof);
}

/** snarkjs in this process, with the key in memory and its worker threads kept up. */
export function snarkjsBackend(): Groth16Backend {
  let zkey: Uint8Array | undefined;
  return {
    name: "snarkjs",
    async load(artifact): Promise<LoadedKey> {
      const bytes = await readArtifact("proving key", artifact);
      requireWhole(bytes);
      await holdWorkers();
      try {
        const verificationKey = (await zKey.exportVerificationKey(bytes)) as LoadedKey["verificationKey"];
        zkey = bytes;
        return { verificationKey, publicSignals: requireBn254(verificationKey) };
      } catch (error) {
        await releaseWorkers();
        throw error instanceof InputError
          ? error
          : new CheckError("proving key: it is damaged", { cause: error });
      }
    },
    async prove(witness): Promise<BackendProof> {
      if (zkey === undefined) throw new Error("prove before load");
      const { proof, publicSignals } = await groth16.prove(zkey, witness).catch((cause: unknown) => {
        throw new CheckError("the witness is not of this proving key's circuit", { cause });
      });
      return { proof: parseProof(proof), signals: publicSignals };
    },
    async close() {
      if (zkey === undefined) return;
      zkey = undefined;
      await releaseWorkers();
    },
  };
}

function requireBn254(key: unknown): number {
  const { protocol, curve, nPublic } = key as { protocol?: string; curve?: string; nPublic?: number };
  if (protocol !== "groth16" || curve !== "bn128" || nPublic === undefined) {
    throw InputError.expected("proving key", "Groth16 on bn128", `${protocol} on ${curve}`);
  }
  return nPublic;
}

/** Walks the container's sections to its end: a file that is cut short would else be found by the first proof. */
function requireWhole(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = new TextDecoder("latin1").decode(bytes.subarray(0, 4));
  if (magic !== "zkey") throw new InputError("proving key: expected a .zkey file");
  let offset = 12;
  try {
    for (let left = view.getUint32(8, true); left > 0; left -= 1) {
      offset += 12 + Number(view.getBigUint64(offset + 4, true));
    }
  } catch {
    offset = -1;
  }
  if (offset !== bytes.length) {
    throw new CheckError("proving key: the file is cut short or damaged", {
      next: "make or fetch it again",
    });
  }
}
