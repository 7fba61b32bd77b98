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

/** The circuit compiled from these sources. */
export function currentCircuit(io: TaskIo): Promise<CompiledCircuit> {
  return compileCircuit(CIRCUIT, { onProgress: (message) => io.note(message) });
}

/** What powers of tau of this origin mean for whoever relies on the setup; empty when they were published. */
export function warnOfOrigin(origin: "development" | "published" | "unknown"): string[] {
  if (origin === "published") return [];
  const words = origin === "development" ? "FOR DEVELOPMENT" : "OF UNKNOWN ORIGIN";
  return [`  ${words}: whoever made these powers of tau can forge proofs`];
}

/** Hash of the verifying key that belongs to a proving key file. */
export async function provingKeyHash(zkey: string): Promise<string> {
  return verificationKeyHash(toSolidity(await exportVerificationKey(zkey)));
}
