import { CheckError } from "../core/errors.ts";
import type { ObservedTransaction } from "./activity.ts";
import { type Plaintext, parsePlaintext } from "./replay/plaintext.ts";

/** A withdrawal that the registry holds. */
export interface Withdrawal {
  /** Leo fields. */
  readonly ticket: string;
  readonly agent: string;
  readonly owner: string;
  /** Microcredits. */
  readonly amount: bigint;
  /** The first height at which it can be paid. */
  readonly readyAt: number;
  /** `frozen`: a slash of its agent is open; it lasts until `frozenUntil` at the latest. */
  readonly state: "waiting" | "ready" | "frozen";
  readonly frozenUntil?: number;
}

/** What is asked of a ledger. */
interface MappingReader {
  mapping(program: string, mapping: string, key: string): Promise<string | undefined>;
}

/** Where a function that makes a ticket has it among its inputs. */
const TICKET_AT: Readonly<Record<string, number>> = { request_withdrawal: 2, migrate_withdrawal: 0 };

/** Every ticket that accepted calls of the registry ever made, oldest first. */
export function ticketsIn(transactions: readonly ObservedTransaction[], registry: string): string[] {
  const made = transactions
    .filter(({ accepted }) => accepted)
    .flatMap(({ calls }) => calls)
    .filter(({ program }) => program === registry)
    .map(({ function: name, inputs }) => inputs[TICKET_AT[name] ?? -1])
    .filter((ticket) => ticket !== undefined);
  return [...new Set(made)];
}

/**
 * Those of the tickets that are still held, as the ledger has them now; paid and slashed ones are gone from it.
 *
 * @param height The ledger's; what can be paid in the next block is ready.
 */
export async function heldWithdrawals(
  ledger: MappingReader,
  registry: string,
  tickets: readonly string[],
  height: number,
): Promise<Withdrawal[]> {
  const held: Withdrawal[] = [];
  for (const ticket of tickets) {
    const text = await ledger.mapping(registry, "withdrawals", ticket);
    if (text === undefined) continue;
    const entry = struct(text);
    const agent = literal(entry, "agent");
    const freeze = await ledger.mapping(registry, "freezes", agent);
    const until = freeze === undefined ? undefined : Number.parseInt(literal(struct(freeze), "until"), 10);
    const readyAt = Number.parseInt(literal(entry, "ready_at"), 10);
    const next = height + 1;
    const frozen = until !== undefined && until >= next;
    held.push({
      ticket,
      agent,
      owner: literal(entry, "holder"),
      amount: BigInt(literal(entry, "amount").replace("u64", "")),
      readyAt,
      state: frozen ? "frozen" : readyAt <= next ? "ready" : "waiting",
      ...(frozen ? { frozenUntil: until } : {}),
    });
  }
  return held.sort((a, b) => a.readyAt - b.readyAt);
}

/** Tickets that one transaction pays. */
export const WITHDRAWALS_A_CALL = 5;

/** Inputs of `process_withdrawals`, padded; at most {@link WITHDRAWALS_A_CALL} withdrawals. */
export function processInputs(batch: readonly Withdrawal[]): string[] {
  const [first] = batch;
  const pad = <T>(values: readonly T[], filler: T) =>
    `[${Array.from({ length: WITHDRAWALS_A_CALL }, (_, index) => values[index] ?? filler).join(", ")}]`;
  return [
    pad(
      batch.map(({ ticket }) => ticket),
      "0field",
    ),
    // Nobody is paid at the places that are left over; an address has to stand there.
    pad(
      batch.map(({ owner }) => owner),
      first?.owner ?? "",
    ),
    pad(
      batch.map(({ amount }) => `${amount}u64`),
      "0u64",
    ),
    `${batch.length}u8`,
  ];
}

function struct(text: string): Readonly<Record<string, Plaintext>> {
  const value = parsePlaintext(text);
  if (typeof value === "object" && !Array.isArray(value)) return value as Readonly<Record<string, Plaintext>>;
  throw new CheckError(`the registry's entry is no struct: ${text}`);
}

function literal(entry: Readonly<Record<string, Plaintext>>, member: string): string {
  const value = entry[member];
  if (typeof value === "string") return value;
  throw new CheckError(`the registry's entry has no ${member}`, {
    next: "npx hardhat aleo verify-deployment",
  });
}
