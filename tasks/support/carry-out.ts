import { getAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import {
  type AppliedChange,
  applyChange,
  type Change,
  type Expectation,
  requireEntitled,
  TIMELOCK,
  throughTimelockOnly,
} from "../../src/chain/change.ts";
import type { ChangeContext } from "../../src/chain/changes/index.ts";
import { fileLines, writeUnsigned } from "../../src/chain/unsigned.ts";
import { InputError } from "../../src/core/errors.ts";
import { type ActArguments, addressOf, describe, signerFor } from "./act.ts";
import { type Fork, forkOf } from "./fork.ts";
import { confirm, type DeployedSession } from "./session.ts";
import type { TaskIo, TaskResult } from "./task.ts";

/** Makes a change from the chain as it is: the target's, or a fork's. */
export type Build = (context: ChangeContext) => Promise<Change>;

/** What a task carries out, and where. */
export interface Work {
  readonly hre: HardhatRuntimeEnvironment;
  readonly session: DeployedSession;
  readonly args: ActArguments;
  readonly io: TaskIo;
  /** A fork that a dry run has begun on already; it stays open. */
  readonly fork?: Fork;
}

export interface CarryOutOptions {
  /** Fields for `--json` besides what every change has. */
  readonly data?: object;
  /** What a dry run does on the fork afterwards, e.g. lets the delay pass and executes. */
  readonly rehearse?: (fork: Fork) => Promise<readonly Expectation[]>;
}

/** What became of the changes. */
export interface CarriedOut {
  readonly status: "already" | "unsigned" | "simulated" | "sent";
  readonly result: TaskResult;
}

/**
 * Does what the options ask with changes that do not depend on each other: shows each with what it is to alter, then
 * writes them unsigned (`--out`), carries them out on a fork (`--dry-run`), or sends them and checks the chain afterwards.
 * What is so already is left out, so running it again is harmless.
 */
export async function carryOut(
  work: Work,
  builds: readonly Build[],
  options: CarryOutOptions = {},
): Promise<CarriedOut> {
  const { session, args, io } = work;
  const { deployment } = session;
  const context: ChangeContext = { provider: work.fork?.provider ?? session.provider, deployment };
  const made = await Promise.all(builds.map((build) => build(context)));
  const changes = made.filter((change) => !change.already());
  const first = changes[0];
  if (first === undefined) return already(made, options);
  const from = await senderOf(first, args);
  for (const change of changes) await requireEntitled(change, from);
  for (const change of changes) for (const line of shown(change)) io.note(line);
  if (args.out !== undefined) return unsigned(session, args.out, from, changes, options);
  if (args.dryRun) return onFork(work, builds, from, options);
  const signer = await signerFor(session, args.key);
  await confirm(session.chain, changes.map(({ call }) => call.description).join("; "), args.confirm, io);
  const applied: Done[] = [];
  for (const change of changes) {
    const outcome = await applyChange(signer, change);
    if (outcome !== undefined) applied.push({ change, ...outcome });
  }
  return sent(applied, from, options);
}

interface Done extends AppliedChange {
  readonly change: Change;
}

/** Who sends: `--key`, or `--from` for what is not sent from here, or who is expected to. */
async function senderOf({ sender, call }: Change, { key, from, out, dryRun }: ActArguments): Promise<string> {
  if (sender.as === TIMELOCK) throw throughTimelockOnly(call);
  if (key !== undefined) return addressOf(key);
  if (out === undefined && !dryRun) {
    throw InputError.expected(
      "--key",
      `the name of a keystore key of ${sender.accounts.join(" or ") || sender.as} (or --out FILE for unsigned calldata)`,
      undefined,
    );
  }
  const account = from ?? sender.accounts[0];
  if (account === undefined) {
    throw InputError.expected("--from", `a holder of ${sender.as}, for: ${call.description}`, undefined);
  }
  return getAddress(account);
}

/** A change as a person reads it before it is made. */
function shown({ call, expected }: Change): string[] {
  return [call.description, ...describe(call), ...expected.map(expectationLine)];
}

function expectationLine({ what, before, after }: Expectation): string {
  return `  ${what}: ${before} -> ${after}`;
}

function already(made: readonly Change[], { data }: CarryOutOptions): CarriedOut {
  const lines = made.flatMap(({ call, expected }) => [
    `Already so, nothing sent: ${call.description}`,
    ...expected.map(({ what, before }) => `  ${what}: ${before}`),
  ]);
  return {
    status: "already",
    result: { data: { ...data, status: "already", changes: made.map(plain) }, lines },
  };
}

function unsigned(
  session: DeployedSession,
  out: string,
  from: string,
  changes: readonly Change[],
  { data }: CarryOutOptions,
): CarriedOut {
  const calls = changes.map(({ call }) => call);
  const files = writeUnsigned(out, session.chain, from, calls);
  const lines = changes.flatMap((change) => [
    `Unsigned, to be sent by ${from}: ${change.call.description}`,
    ...change.expected.map(expectationLine),
  ]);
  return {
    status: "unsigned",
    result: {
      // One call has always stood under `call`; several are under `changes`.
      data: { ...data, status: "unsigned", from, ...files, call: calls[0], changes: changes.map(plain) },
      lines: [...lines, ...fileLines(files)],
    },
  };
}

async function onFork(
  { hre, session, io, fork: opened }: Work,
  builds: readonly Build[],
  from: string,
  { data, rehearse }: CarryOutOptions,
): Promise<CarriedOut> {
  const { network } = session.chain;
  if (opened === undefined) io.note(`forking ${network} into this process …`);
  const fork = opened ?? (await forkOf(hre, session));
  try {
    const context: ChangeContext = { provider: fork.provider, deployment: session.deployment };
    const signer = await fork.impersonate(from);
    const done: Done[] = [];
    for (const build of builds) {
      const change = await build(context);
      const outcome = await applyChange(signer, change);
      if (outcome !== undefined) done.push({ change, ...outcome });
    }
    const later = (await rehearse?.(fork)) ?? [];
    const lines = [
      `Dry run on a fork of ${network} at block ${fork.blockNumber}, in this process; nothing sent to ${network}`,
      ...done.flatMap(({ change, changed, receipt }) => [
        `${change.call.description}: accepted, from ${from}, ${receipt.gasUsed} gas`,
        ...describe(change.call),
        ...changed.map(expectationLine),
      ]),
      ...later.map((expectation) => `  later${expectationLine(expectation)}`),
    ];
    const changes = done.map(({ change, changed, receipt }) => ({
      ...plain(change),
      expected: changed,
      gas: receipt.gasUsed,
    }));
    const { blockNumber } = fork;
    return {
      status: "simulated",
      result: {
        data: { ...data, status: "simulated", from, fork: { network, blockNumber }, changes, later },
        lines,
      },
    };
  } finally {
    if (opened === undefined) await fork.close();
  }
}

function sent(applied: readonly Done[], from: string, { data }: CarryOutOptions): CarriedOut {
  const changes = applied.map(({ change, changed, receipt }) => ({
    ...plain(change),
    expected: changed,
    transactionHash: receipt.hash,
  }));
  const lines = applied.flatMap(({ change, changed, receipt }) => [
    `Done: ${change.call.description}`,
    ...changed.map(expectationLine),
    `  transaction ${receipt.hash}`,
  ]);
  const transactionHash = applied.at(-1)?.receipt.hash;
  return {
    status: "sent",
    result: { data: { ...data, status: "sent", from, transactionHash, changes }, lines },
  };
}

function plain({ call, expected }: Change) {
  return { call, expected };
}
