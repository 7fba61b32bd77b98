import { CheckError, RefusedError, UnavailableError } from "../../core/errors.ts";
import { type AleoClient, RejectedTransaction } from "../client.ts";
import type { AleoLedger } from "../ledger.ts";
import { type Entry, placeOf, statusOf } from "./entry.ts";
import { sum, TOTAL } from "./registry.ts";

/** What is still to be entered, and what is there already. */
export interface Remaining {
  readonly missing: readonly Entry[];
  readonly done: readonly Entry[];
  /** Microcredits that are still to be moved in. */
  readonly credits: bigint;
}

/**
 * Compares entries with what a ledger has: a run that was killed left some of them, and these count as done.
 *
 * @throws RefusedError when the program is not fresh: it has an entry that differs, or more entries than these; or when it
 *   takes no entries any more. @throws UnavailableError when it is not deployed.
 */
export async function remaining(ledger: AleoLedger, entries: readonly Entry[]): Promise<Remaining> {
  const missing: Entry[] = [];
  const done: Entry[] = [];
  for (const entry of entries) {
    const status = await statusOf(ledger, entry);
    if (status === "absent") missing.push(entry);
    else if (status === "done") done.push(entry);
    else throw notFresh(entry.program, status.fault);
  }
  for (const program of new Set(entries.map((entry) => entry.program))) {
    await requireNothingElse(
      ledger,
      program,
      done.filter((entry) => entry.program === program),
    );
  }
  if (missing.length > 0) await requireOpen(ledger, new Set(missing.map(({ program }) => program)));
  return { missing, done, credits: sum(missing, ({ credits }) => credits) };
}

/**
 * Enters what is missing, one transaction each, in order.
 *
 * Killed anywhere, the same call goes on: what is on the ledger is skipped, and the ledger itself refuses an entry twice.
 *
 * @throws RefusedError when the account is not the program's admin. @throws UnavailableError when it lacks the credits.
 */
export async function enter(
  client: AleoClient,
  { missing, done, credits }: Remaining,
  note: (line: string) => void,
): Promise<void> {
  await requireAdmin(client, new Set(missing.map(({ program }) => program)));
  const balance = await client.balance();
  if (balance < credits) {
    throw new UnavailableError(
      `the entries hold ${credits} microcredits, ${client.address} has ${balance}; fees come on top; nothing was sent`,
      { next: "Send it the credits (on a development ledger: npx hardhat aleo faucet)" },
    );
  }
  const all = missing.length + done.length;
  for (const [index, entry] of missing.entries()) {
    await enterOne(client, entry);
    note(`Entered ${placeOf(entry)} (${done.length + index + 1} of ${all})`);
  }
}

/** A run that was killed may have sent it just before; then the ledger rejects it this time, and it is there. */
async function enterOne(client: AleoClient, entry: Entry): Promise<void> {
  try {
    await client.execute(entry.program, entry.function, entry.inputs);
  } catch (error) {
    if (error instanceof RejectedTransaction && (await statusOf(client.ledger, entry)) === "done") return;
    throw error;
  }
}

/** @throws RefusedError unless the client's account is the admin of the programs. */
export async function requireAdmin(client: AleoClient, programs: Iterable<string>): Promise<void> {
  for (const program of programs) {
    const admin = await client.mapping(program, "roles", "0u8");
    if (admin === client.address) continue;
    throw new RefusedError(`${client.address} is not the admin of ${program}; ${admin ?? "nobody"} is`, {
      next: "Name the admin's key with --key",
    });
  }
}

/** Enters nothing more in a program, for ever; skipped when that is so already. */
export async function closeMigration(client: AleoClient, program: string): Promise<boolean> {
  if ((await client.mapping(program, "migration", "true")) !== "true") return false;
  await client.execute(program, "close_migration", []);
  return true;
}

async function requireOpen(ledger: AleoLedger, programs: Iterable<string>): Promise<void> {
  for (const program of programs) {
    if ((await ledger.edition(program)) === undefined) {
      throw new UnavailableError(`${program} is not deployed on ${ledger.url}`, {
        next: "Deploy it first: npx hardhat aleo state clean-slate",
      });
    }
    if ((await ledger.mapping(program, "migration", "true")) === "true") continue;
    throw new RefusedError(`${program} takes no entries any more: its migration was closed, for ever`, {
      next: "Deploy it under another name (npx hardhat aleo state clean-slate --as N) and name that one",
    });
  }
}

/** A ledger does not list keys, but a registry counts its agents and what waits. */
async function requireNothingElse(
  ledger: AleoLedger,
  program: string,
  done: readonly Entry[],
): Promise<void> {
  const agents = done.filter(({ mapping }) => mapping === "agents");
  const waiting = done.filter(({ mapping }) => mapping === "withdrawals");
  const expected: [string, string, bigint][] = [
    ["agents", TOTAL.agents, BigInt(agents.length)],
    ["microcredits staked", TOTAL.staked, sum(agents, ({ credits }) => credits)],
    ["microcredits waiting", TOTAL.waiting, sum(waiting, ({ credits }) => credits)],
  ];
  for (const [what, key, amount] of expected) {
    const text = (await ledger.mapping(program, "totals", key)) ?? "0u64";
    if (!/^\d+u64$/.test(text)) throw new CheckError(`${program}: totals[${key}] is ${text}`);
    const actual = BigInt(text.slice(0, -3));
    if (actual !== amount)
      throw notFresh(program, `it has ${actual} ${what}, of which these entries explain ${amount}`);
  }
}

function notFresh(program: string, fault: string): RefusedError {
  return new RefusedError(`${program} is not a fresh deployment: ${fault}; nothing was sent`, {
    next: "--dry-run --verify of `aleo state migrate` names each entry; fresh programs: npx hardhat aleo state clean-slate --as N",
  });
}
