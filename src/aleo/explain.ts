import { UnavailableError } from "../core/errors.ts";
import { timeOf, transitionsOf } from "./block.ts";
import type { AleoLedger, Confirmation } from "./ledger.ts";
import { rehearse } from "./rehearse.ts";
import { type Future, Hold, parseFuture } from "./replay/plaintext.ts";

/**
 * Why a ledger rejected a transaction, which no node tells: what it left for the end of its block is run again on the state as
 * it is now. On a busy ledger that state may have moved on since, so it is an explanation and no evidence.
 *
 * @returns undefined when it would be accepted now, or uses an instruction that is not known here.
 */
export async function explainRejection(
  ledger: AleoLedger,
  confirmation: Confirmation,
): Promise<string | undefined> {
  const text = transitionsOf(confirmation.transaction)
    .at(-1)
    ?.outputs.find(({ type }) => type === "future")?.value;
  const block = await ledger.block(confirmation.height);
  if (text === undefined || block === undefined) return undefined;
  const future = parseFuture(text);
  const { height, network } = block.header.metadata;
  const context = { height, timestamp: timeOf(block), network };
  try {
    const { rejection } = await rehearse(ledger, future, context);
    return rejection ?? (await missingCredits(ledger, future));
  } catch (error) {
    if (error instanceof UnavailableError) return undefined;
    throw error;
  }
}

/** Transfers are passed over in a rehearsal; what most of them fail for is that the sender has too little. */
async function missingCredits(ledger: AleoLedger, future: Future): Promise<string | undefined> {
  for (const { program, function: name, arguments: inputs } of [future, ...futuresIn(future)]) {
    const [sender] = inputs;
    const amount = inputs.at(-1);
    if (program !== "credits.aleo" || !name.startsWith("transfer_public")) continue;
    if (typeof sender !== "string" || typeof amount !== "string") continue;
    const needed = BigInt(amount.replace(/u64$/, ""));
    const balance = await ledger.balance(sender);
    if (balance < needed) return `${sender} has ${balance} microcredits and was to send ${needed}`;
  }
  return undefined;
}

function futuresIn(future: Future): Future[] {
  return future.arguments.flatMap((each) =>
    each instanceof Hold ? [each.future, ...futuresIn(each.future)] : [],
  );
}
