import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { CheckError, errorCode, UnavailableError } from "../../core/errors.ts";
import { PUBLIC_SIGNALS } from "../../core/facts/index.ts";
import {
  compileCircuit,
  ensureSetup,
  exportVerificationKey,
  toSolidity,
  verificationKeyHash,
} from "../../setup/index.ts";
import type { CircuitSettings } from "./settings.ts";
import type { CircuitFiles } from "./worker-protocol.ts";

/** What a client can know of a circuit version. */
export const circuitBody = z
  .object({
    version: z.int(),
    verificationKeyHash: z.string().meta({ description: "as transcripts and deployment files name the key" }),
    zkeySha256: z.string().meta({ description: "SHA-256 of the proving key file, hex" }),
    publicSignals: z.array(z.string()).meta({ description: "their order in `signals`" }),
  })
  .meta({ id: "Circuit" });

/** A circuit version that is served. */
export interface ServedCircuit extends CircuitFiles {
  readonly about: z.output<typeof circuitBody>;
}

/**
 * Finds every configured circuit's files and says what they are.
 *
 * @param note Told when something has to be made first, which takes a while.
 * @throws UnavailableError when a file cannot be read; CheckError when it is no proving key, or another than the one named.
 */
export async function openCircuits(
  settings: readonly CircuitSettings[],
  note: (line: string) => void,
): Promise<ServedCircuit[]> {
  const served: ServedCircuit[] = [];
  for (const each of settings) served.push(await openCircuit(each, note));
  return served;
}

async function openCircuit(
  { version, wasm, zkey, verification_key_hash: expected }: CircuitSettings,
  note: (line: string) => void,
): Promise<ServedCircuit> {
  const files = wasm === undefined || zkey === undefined ? await ofCheckout(note) : { wasm, zkey };
  const zkeySha256 = await sha256(files.zkey);
  const hash = verificationKeyHash(toSolidity(await exportVerificationKey(files.zkey)));
  if (expected !== undefined && expected !== hash) {
    throw new CheckError(
      `prover: circuit ${version}: expected the key ${expected}, ${files.zkey} has ${hash}`,
      {
        next: "name the proving key of the deployed setup",
      },
    );
  }
  const about = { version, verificationKeyHash: hash, zkeySha256, publicSignals: [...PUBLIC_SIGNALS] };
  return { version, ...files, about };
}

/** The circuit compiled from these sources and the setup made for it here. */
async function ofCheckout(note: (line: string) => void): Promise<{ wasm: string; zkey: string }> {
  const circuit = await compileCircuit("compliance", { onProgress: note });
  const { zkey } = await ensureSetup({ circuit, onProgress: ({ message }) => note(`setup: ${message}`) });
  return { wasm: circuit.wasm, zkey };
}

async function sha256(file: string): Promise<string> {
  try {
    return createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
  } catch (cause) {
    throw new UnavailableError(`prover: cannot read ${file} (${errorCode(cause)})`, {
      cause,
      next: "check the files named under [[prover.circuits]]",
    });
  }
}
