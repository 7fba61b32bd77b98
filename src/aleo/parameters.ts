import { basename } from "node:path";
import { UnavailableError } from "../core/errors.ts";
import type { Parameters } from "./proving.ts";
import type { AleoNetwork } from "./sdk.ts";

/**
 * Refuses to begin what would fail after minutes: on every ledger but a development ledger a transaction needs proofs, and
 * these need parameter files that are not in the package.
 *
 * @param ledger Its address, for people. @param prover Where one file is that every transaction needs: the proving key of the fee.
 * @throws UnavailableError naming the file and how to have it.
 */
export function requireParameters(
  ledger: string,
  network: AleoNetwork,
  parameters: Parameters,
  prover: string,
): void {
  try {
    parameters.require([basename(prover)], network);
  } catch (cause) {
    if (!(cause instanceof UnavailableError)) throw cause;
    throw new UnavailableError(
      `${ledger} takes transactions with proofs only, and ${cause.message}; nothing was sent`,
      {
        next: cause.next ?? "use a development ledger: npx proofx aleo devnode",
        cause,
      },
    );
  }
}
