import { CheckError, UnavailableError } from "../core/errors.ts";
import type { ObservedTransaction } from "./activity.ts";
import { addresses, type ReadableLedger, reasonOf, rehearse } from "./rehearse.ts";
import { readBlock } from "./replay/blocks.ts";
import { runFuture } from "./replay/finalize.ts";
import { type BlockContext, copyState, type LedgerState } from "./replay/ledger-state.ts";
import { type Future, parseFuture } from "./replay/plaintext.ts";
import { Replay } from "./replay/replay.ts";

/** Why the ledger rejected a transaction. It notes no reason itself; the program's code, run again, shows it. */
export interface Failure {
  readonly transaction: ObservedTransaction;
  readonly function: string;
  readonly reason: string;
  /** What the code was run against. `none`: it could not be run, or it met nothing that stopped it. */
  readonly basis: "the state before its block" | "the state now" | "none";
}

const UNKNOWN = "not found: a transfer of credits that were not there, or something that has changed since";

/** Failures by function and reason, the most frequent first. */
export interface FailureGroup {
  readonly function: string;
  readonly reason: string;
  readonly count: number;
  /** Of the newest one. */
  readonly latest: string;
}

/** Groups failures that have function and reason in common; values that differ from call to call do not set them apart. */
export function groupFailures(failures: readonly Failure[]): FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const { function: name, reason, transaction } of failures) {
    const kind = kindOf(reason);
    const key = `${name}\n${kind}`;
    const count = (groups.get(key)?.count ?? 0) + 1;
    groups.set(key, { function: name, reason: kind, count, latest: transaction.id });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

/** Addresses and numbers in a reason stand for any. */
function kindOf(reason: string): string {
  return reason
    .replaceAll(/aleo1[a-z0-9]{58}/g, "ADDRESS")
    .replaceAll(/\b\d{6,}(field|u64|u32)\b/g, "N$1")
    .replaceAll(/\[\d+field\]/g, "[FIELD]")
    .replaceAll(/\b\d+field\b/g, "FIELD");
}

export interface ExplainOptions {
  readonly programs: readonly string[];
  /** Blocks from the first deployment of the programs up to the newest failure. */
  readonly blocks: AsyncIterable<unknown>;
  readonly onBlock?: (height: number) => void;
}

/** Finds the reasons by replaying the programs from their deployment: exact, as far as blocks tell. */
export async function explainByReplay(
  rejected: readonly ObservedTransaction[],
  { programs, blocks, onBlock }: ExplainOptions,
): Promise<Failure[]> {
  const addressOf = await addresses();
  const replay = new Replay(programs, addressOf);
  const failures: Failure[] = [];
  for await (const json of blocks) {
    const block = readBlock(json, "block");
    const { height, timestamp, network } = block.header.metadata;
    const before = replay.point.state;
    replay.apply(block);
    const context: BlockContext = { height, timestamp, network };
    for (const transaction of rejected.filter((each) => each.height === height)) {
      // Others of the same block may have come first.
      const stop = (state: LedgerState) => stopOf(state, context, addressOf, rootOf(transaction));
      failures.push(
        failure(transaction, stop(before) ?? stop(replay.point.state), "the state before its block"),
      );
    }
    onBlock?.(height);
  }
  return failures;
}

/** Finds the reasons by the ledger as it is now: quick, and wrong where it has changed since. */
export async function explainByLedger(
  rejected: readonly ObservedTransaction[],
  ledger: ReadableLedger,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const transaction of rejected) {
    const future = rootOf(transaction);
    const block = { height: transaction.height, timestamp: transaction.time, network: 1 };
    const reason = future === undefined ? undefined : (await rehearse(ledger, future, block)).rejection;
    failures.push(failure(transaction, reason, "the state now"));
  }
  return failures;
}

function failure(
  transaction: ObservedTransaction,
  reason: string | undefined,
  basis: Failure["basis"],
): Failure {
  const called = transaction.calls.at(-1);
  const name = called === undefined ? "(unknown)" : `${called.program}/${called.function}`;
  if (reason !== undefined) return { transaction, function: name, reason, basis };
  return { transaction, function: name, reason: UNKNOWN, basis: "none" };
}

function rootOf({ calls }: ObservedTransaction): Future | undefined {
  const future = calls.at(-1)?.future;
  return future === undefined ? undefined : parseFuture(future);
}

/** Where the code stops; undefined when it runs to its end. */
function stopOf(
  state: LedgerState,
  block: BlockContext,
  addressOf: (program: string) => string,
  future: Future | undefined,
): string | undefined {
  if (future === undefined) return undefined;
  try {
    runFuture({ state: copyState(state), block, addressOf, note: () => undefined }, future);
    return undefined;
  } catch (error) {
    if (error instanceof CheckError) return reasonOf(error);
    if (error instanceof UnavailableError) return undefined;
    throw error;
  }
}
