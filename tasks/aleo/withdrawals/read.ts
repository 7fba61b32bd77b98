import { findAleoDeployment } from "../../../src/aleo/deployment.ts";
import { heldWithdrawals, ticketsIn, type Withdrawal } from "../../../src/aleo/withdrawals.ts";
import type { TaskIo } from "../../support/task.ts";
import { parseUnsigned } from "../../support/values.ts";
import { REGISTRY } from "../support/programs.ts";
import { readBlocks } from "../support/scan.ts";
import { type AleoSession, genesisOf } from "../support/session.ts";

/** What the ledger holds of withdrawals, and where it was looked for. */
export interface HeldWithdrawals {
  readonly fromBlock: number;
  readonly height: number;
  readonly withdrawals: readonly Withdrawal[];
}

/**
 * Finds the tickets in the blocks, since a node does not list what a mapping holds, and reads each as it is now.
 *
 * @param fromBlock The option; without it the registry's deployment, or the first block.
 */
export async function readWithdrawals(
  session: AleoSession,
  fromBlock: string | undefined,
  io: TaskIo,
): Promise<HeldWithdrawals> {
  const { ledger, network } = session;
  const noted = findAleoDeployment(network, await genesisOf(session))?.programs[REGISTRY.id]?.height;
  const from = fromBlock === undefined ? (noted ?? 0) : Number(parseUnsigned("--from-block", fromBlock, 32));
  const height = await ledger.height();
  const transactions = await readBlocks(session, { from, to: height + 1, programs: [REGISTRY.id] }, io);
  const tickets = ticketsIn(transactions, REGISTRY.id);
  return {
    fromBlock: from,
    height,
    withdrawals: await heldWithdrawals(ledger, REGISTRY.id, tickets, height),
  };
}
