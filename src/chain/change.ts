import { getAddress, type Provider, type Signer, type TransactionReceipt } from "ethers";
import { CheckError, RefusedError } from "../core/errors.ts";
import { type Call, send, simulate } from "./call.ts";

/** What an aspect of the chain is now. */
export interface Reading {
  /** For a reader, e.g. `held`, `paused until 2026-01-31T12:00:00.000Z`. */
  readonly shows: string;
  /** Whether it is what the change is to bring about. */
  readonly holds: boolean;
}

/** One aspect of the chain that a change is to alter. */
export interface Aspect {
  /** What is read, e.g. `SIGNER_ROLE of 0x…`. */
  readonly what: string;
  /** What it is to be afterwards, for a reader. */
  readonly after: string;
  /** Reads it now; `provider` may serve a fork, or another node than the one the change was made on. */
  read(provider: Provider): Promise<Reading>;
}

/** An aspect as it was when the change was made, and as it is to be. */
export interface Expectation {
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

/** Who may send a change's call. */
export interface Sender {
  /** What entitles to it, e.g. `default admin`, `timelock`, `GUARDIAN_ROLE`. */
  readonly as: string;
  /** Accounts known to be entitled, checksummed; the first is who is expected to send. There may be others. */
  readonly accounts: readonly string[];
  /** Whether an account is entitled now. */
  allows(account: string): Promise<boolean>;
}

/** A call with what it is to change: shown before it is sent, checked on the chain afterwards. */
export interface Change {
  readonly call: Call;
  readonly sender: Sender;
  readonly expected: readonly Expectation[];
  /** Whether the chain already was so when the change was made: there is nothing to send. */
  already(): boolean;
  /**
   * Reads everything again.
   *
   * @returns the expectations, each with what the chain says now.
   * @throws CheckError naming the first thing that is not as expected.
   */
  verify(provider: Provider): Promise<readonly Expectation[]>;
}

/** What a change is made of; reads what is there now. */
export async function makeChange(
  provider: Provider,
  call: Call,
  sender: Sender,
  aspects: readonly Aspect[],
): Promise<Change> {
  const before = await Promise.all(aspects.map((aspect) => aspect.read(provider)));
  const expected = aspects.map(({ what, after }, index) => ({
    what,
    before: before[index]?.shows ?? "",
    after,
  }));
  return {
    call,
    sender,
    expected,
    already: () => before.length > 0 && before.every(({ holds }) => holds),
    verify: async (now) => {
      const seen = await Promise.all(aspects.map((aspect) => aspect.read(now)));
      return expected.map((expectation, index) => {
        const { shows, holds } = seen[index] as Reading;
        if (holds) return { ...expectation, after: shows };
        throw new CheckError(
          `${call.description} did not come about: ${expectation.what}: expected ${expectation.after}, got ${shows}`,
          { next: "ask another node; if it says the same, look at the transaction in an explorer" },
        );
      });
    },
  };
}

/** An aspect that is compared as text. */
export function exactly(what: string, after: string, read: (now: Provider) => Promise<string>): Aspect {
  return {
    what,
    after,
    read: async (provider) => {
      const shows = await read(provider);
      return { shows, holds: shows === after };
    },
  };
}

/** A change that brings others about, e.g. the execution of what was scheduled: all are expected, and all are checked. */
export function withConsequences(change: Change, consequences: readonly Change[]): Change {
  return {
    ...change,
    expected: [...change.expected, ...consequences.flatMap(({ expected }) => expected)],
    verify: async (provider) => {
      const seen = [...(await change.verify(provider))];
      for (const consequence of consequences) seen.push(...(await consequence.verify(provider)));
      return seen;
    },
  };
}

/** A change that was sent. */
export interface AppliedChange {
  readonly receipt: TransactionReceipt;
  /** What the change brought about, as the chain says it. */
  readonly changed: readonly Expectation[];
}

/** `Sender.as` of what only the timelock may send: it is scheduled, waits, and is executed. */
export const TIMELOCK = "timelock";

/** The refusal of a change that somebody would make himself, and only the timelock may. */
export function throughTimelockOnly({ description }: Call): RefusedError {
  return new RefusedError(`${description}: only the timelock may, so that it is seen before it happens`, {
    next: "add --schedule: it is put through the timelock, and waits its delay",
  });
}

/**
 * Refuses a sender that is not entitled, before the contract does with less to say.
 *
 * @throws RefusedError that names who is.
 */
export async function requireEntitled({ call, sender }: Change, account: string): Promise<void> {
  if (sender.accounts.includes(getAddress(account)) || (await sender.allows(account))) return;
  const words = `${call.description}: only the ${sender.as} may, and ${account} is not it`;
  if (sender.as === TIMELOCK) throw throughTimelockOnly(call);
  throw new RefusedError(words, {
    next: `send it as ${sender.accounts.join(" or ") || `a holder of ${sender.as}`}, or write it for them with --out FILE`,
  });
}

/**
 * Runs the call on the node, sends it, and reads the chain again.
 *
 * @param signer Must be connected to a node.
 * @returns undefined when the chain is already so and nothing was sent.
 * @throws CheckError when the contract refuses it, or when the chain is not as expected afterwards.
 */
export async function applyChange(signer: Signer, change: Change): Promise<AppliedChange | undefined> {
  if (change.already()) return undefined;
  const provider = signer.provider;
  if (provider === null) throw new Error("the signer is not connected to a node");
  const from = await signer.getAddress();
  await requireEntitled(change, from);
  await simulate(provider, change.call, from);
  const receipt = await send(signer, change.call);
  return { receipt, changed: await change.verify(provider) };
}
