import { transitionsOf } from "./block.ts";
import { Unknown } from "./finalize/operations.ts";
import { FinalizeRun } from "./finalize/run.ts";
import type { AleoLedger, Confirmation } from "./ledger.ts";
import { parseLeo } from "./values.ts";

/**
 * Why a ledger rejected a transaction, which no node tells: its finalize step is run again on the state as it is now. On a
 * busy ledger that state may have moved on since, so it is an explanation and no evidence.
 *
 * @returns undefined when the step would be accepted now, or uses an instruction that is not read here.
 */
export async function explainRejection(
  ledger: AleoLedger,
  confirmation: Confirmation,
): Promise<string | undefined> {
  const future = transitionsOf(confirmation.transaction)
    .at(-1)
    ?.outputs.find(({ type }) => type === "future")?.value;
  if (future === undefined) return undefined;
  const run = new FinalizeRun({
    height: confirmation.height,
    program: (id) => ledger.program(id),
    mapping: (program, mapping, key) => ledger.mapping(program, mapping, key),
  });
  try {
    return await run.rejection(parseLeo(future));
  } catch (error) {
    if (error instanceof Unknown) return undefined;
    throw error;
  }
}
