import { isEnded, type SubmissionRecord, worstCase } from "./record.ts";

/** How much the sender has spent, and may still have to. */
export interface Spending {
  /** Wei paid by landed transactions within the window. */
  readonly paid: bigint;
  /** Wei that transactions under way cost at most. */
  readonly atMost: bigint;
}

/**
 * Counts what submissions cost, from records alone: it is the same after a restart.
 *
 * @param since Beginning of the window, milliseconds.
 */
export function spendingOf(records: readonly SubmissionRecord[], since: number): Spending {
  let [paid, atMost] = [0n, 0n];
  for (const record of records) {
    for (const { at, wei } of record.spent) if (at >= since) paid += BigInt(wei);
    if (!isEnded(record)) atMost += exposure(record);
  }
  return { paid, atMost };
}

/** What a submission's transactions under way cost at most: they share one account nonce, so only one of them lands. */
export function exposure({ account }: SubmissionRecord): bigint {
  let worst = 0n;
  for (const attempt of account?.attempts ?? []) {
    const cost = worstCase(attempt);
    if (cost > worst) worst = cost;
  }
  return worst;
}
