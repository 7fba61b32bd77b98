import { type AleoLedger, openLedger } from "../../../src/aleo/ledger.ts";
import { type AleoSettings, readAleoSettings } from "../../../src/aleo/settings.ts";
import { InputError, RefusedError } from "../../../src/core/errors.ts";
import type { TaskIo } from "../../support/task.ts";

/** Options of every task that looks at Aleo's ledger. */
export interface AleoArguments {
  readonly ledger: string | undefined;
}

/** A task's hold on a ledger. */
export interface AleoSession {
  readonly settings: AleoSettings;
  readonly ledger: AleoLedger;
  /** `devnode` forgets everything, or belongs to one person; what happens on the others cannot be undone. */
  readonly network: "devnode" | "testnet" | "mainnet";
}

/**
 * Opens the ledger of `--ledger`, PROOFX_ALEO_URL or `[aleo]` of PROOFX_CONFIG, in this order; there is no default one.
 *
 * @throws InputError when none names it; UnavailableError when it does not answer.
 */
export async function openAleoSession(args: AleoArguments): Promise<AleoSession> {
  const { settings, ledger } = ledgerOf(args);
  const network = (await ledger.isDevnode()) ? "devnode" : ledger.address.network;
  return { settings, ledger, network };
}

/** As {@link openAleoSession}, without asking the node anything yet. */
export function ledgerOf(args: AleoArguments): { settings: AleoSettings; ledger: AleoLedger } {
  const settings = readAleoSettings(process.env.PROOFX_CONFIG);
  const url = args.ledger ?? process.env.PROOFX_ALEO_URL ?? settings.url;
  if (url === undefined) {
    throw InputError.expected(
      "--ledger",
      "the URL of a node, e.g. http://127.0.0.1:3030",
      undefined,
      "name one with --ledger, PROOFX_ALEO_URL or url of [aleo] in PROOFX_CONFIG",
    );
  }
  return { settings, ledger: openLedger(url, { timeout: settings.request_timeout * 1000 }) };
}

/** Asks for the network's name before an act that cannot be undone. */
export async function confirmAleo(
  { network, ledger }: AleoSession,
  act: string,
  given: string | undefined,
  io: TaskIo,
): Promise<void> {
  if (network === "devnode") return;
  const question = `${act} on Aleo's ${network} (${ledger.url}). Type the network's name to go on: `;
  const answer = given ?? (await io.ask?.(question));
  if (answer === undefined) {
    throw new RefusedError(`${act} on the public network ${network} was not confirmed`, {
      next: `add --confirm ${network}`,
    });
  }
  if (answer.trim() !== network) {
    throw InputError.expected("confirmation", `the network's name "${network}"`, answer.trim());
  }
}

/** Hash of block 0, which tells two ledgers apart. */
export async function genesisOf({ ledger }: AleoSession): Promise<string> {
  return (await ledger.block(0))?.block_hash ?? "";
}
