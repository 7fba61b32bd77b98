import { errorCode, UnavailableError } from "../core/errors.ts";

/** Where the SDK takes proving keys and the powers they are made from; some hundred megabytes. It knows no other place. */
const PARAMETERS = "https://parameters.provable.com";
const TIMEOUT = 15_000;

/** Asks whether a URL can be had; replaced in tests. */
export type Probe = (url: string) => Promise<number>;

/**
 * Refuses to begin what would fail after minutes: on every ledger but a development ledger a transaction needs proofs, and
 * these need parameter files from the network.
 *
 * @param file One that every transaction needs: the proving key of the fee. @throws UnavailableError with the reason.
 */
export async function requireParameters(ledger: string, file: string, probe: Probe = head): Promise<void> {
  const failure = await probe(file).then(
    (status) => (status >= 200 && status < 300 ? undefined : `HTTP ${status}`),
    (error: unknown) => reasonOf(error),
  );
  if (failure === undefined) return;
  throw new UnavailableError(
    `${ledger} takes transactions with proofs only, and the parameter files these are made with cannot be had from ${PARAMETERS} (${failure}); nothing was sent`,
    {
      next: "run this where that address can be reached, or use a development ledger: npx proofx aleo devnode",
    },
  );
}

async function head(url: string): Promise<number> {
  const response = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(TIMEOUT) });
  return response.status;
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return errorCode(cause);
}
