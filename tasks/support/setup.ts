import { basename, resolve } from "node:path";
import { loadSetup } from "../../src/setup/ceremony/index.ts";
import {
  type CompiledCircuit,
  compileCircuit,
  ensureSetup,
  exportVerificationKey,
  type Setup,
  toSolidity,
  verificationKeyHash,
} from "../../src/setup/index.ts";
import type { TaskIo } from "./task.ts";

/** The circuit that `ProofXVerifier` takes proofs of. */
const CIRCUIT = "compliance";

/** Which setup a task works with. */
export interface SetupChoice {
  /** Powers of tau file; the development one unless given. */
  readonly ptau?: string | undefined;
  readonly trustUnknownPtau?: boolean;
}

/** The circuit compiled from these sources, and the phase 2 made for it here; both are made when they are missing. */
export async function currentSetup(
  io: TaskIo,
  { ptau, trustUnknownPtau = false }: SetupChoice = {},
): Promise<Setup & { readonly circuitFiles: CompiledCircuit }> {
  const circuit = await currentCircuit(io);
  const setup = await ensureSetup({
    circuit,
    ...(ptau === undefined ? {} : { ptau }),
    acceptUnknownPtau: trustUnknownPtau,
    onProgress: ({ done, total, message }) =>
      io.note(`setup ${Math.min(done + 1, total)}/${total}: ${message}`),
  });
  return { ...setup, circuitFiles: circuit };
}

/** The setup that `ceremony export` wrote into a folder, compared with its files, or the one made here. */
export async function chosenSetup(
  io: TaskIo,
  { setup, ptau }: { readonly setup: string | undefined; readonly ptau: string | undefined },
): Promise<Setup> {
  if (setup === undefined) return await currentSetup(io, { ptau });
  return await loadSetup({ folder: setup, circuit: await currentCircuit(io), ptau });
}

/** The circuit compiled from these sources, or from another file. */
export function currentCircuit(io: TaskIo, source?: string): Promise<CompiledCircuit> {
  const name = source === undefined ? CIRCUIT : basename(source, ".circom");
  return compileCircuit(name, {
    ...(source === undefined ? {} : { source: resolve(source) }),
    onProgress: (message) => io.note(message),
  });
}

/** Hash of the verifying key that belongs to a proving key file. */
export async function provingKeyHash(zkey: string): Promise<string> {
  return verificationKeyHash(toSolidity(await exportVerificationKey(zkey)));
}
