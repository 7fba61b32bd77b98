import type { BuiltTransaction } from "../../../src/aleo/build.ts";
import { type AleoClient, openAleo, RejectedTransaction, type Sent } from "../../../src/aleo/client.ts";
import { type MappingChange, type Rehearsal, rehearse } from "../../../src/aleo/rehearse.ts";
import { CheckError, RefusedError } from "../../../src/core/errors.ts";
import type { TaskIo, TaskResult } from "../../support/task.ts";
import { accountFor, feeLimits } from "./account.ts";
import { changeLine } from "./change-line.ts";
import { futureOf, nextBlock } from "./future.ts";
import { type AleoArguments, type AleoSession, confirmAleo } from "./session.ts";
import { type Settled, settlePending, submit } from "./submit.ts";

/** Options of every task that sends transactions. */
export interface AleoActArguments extends AleoArguments {
  readonly key: string | undefined;
  readonly maxFee: string | undefined;
  readonly priorityFee: string | undefined;
  readonly confirm: string | undefined;
  readonly dryRun: boolean;
}

/** A call as a person reads it, and what makes it needless. */
export interface AleoChange {
  readonly description: string;
  readonly program: string;
  readonly function: string;
  /** Leo texts, in order. */
  readonly inputs: readonly string[];
  /** A line each for the reader; private values are left out of them. */
  readonly shown: readonly string[];
  /** The ledger is so already: nothing is sent. */
  readonly already?: boolean;
  /** Sends though the rehearsal says that the ledger will reject it. */
  readonly anyway?: boolean;
}

export interface AleoWork {
  readonly session: AleoSession;
  readonly args: AleoActArguments;
  readonly io: TaskIo;
}

/** What became of the changes. */
export interface AleoCarriedOut {
  readonly status: "already" | "simulated" | "sent";
  readonly result: TaskResult;
}

interface Ready {
  readonly change: AleoChange;
  readonly built: BuiltTransaction;
  readonly rehearsal: Rehearsal;
}

/**
 * Does what the options ask with calls that do not depend on each other. Each runs its private part here first, and what it
 * leaves for the ledger is rehearsed against the ledger as it is: shown are the call, its fee and each entry it changes. Then
 * nothing more (`--dry-run`), or all are sent and the entries read again. What is so already is left out.
 *
 * @param data Fields for `--json` besides those of the calls.
 * @throws RefusedError when the ledger would reject one, before anything is sent; CheckError when it did.
 */
export async function carryOut(
  work: AleoWork,
  changes: readonly AleoChange[],
  data: object = {},
): Promise<AleoCarriedOut> {
  const { session, args, io } = work;
  const wanted = changes.filter(({ already }) => already !== true);
  if (wanted.length === 0) return already(session, changes, data);
  const account = await accountFor(args.key);
  const client = openAleo({ ledger: session.ledger, account, fee: feeLimits(session.settings, args) });
  if (!args.dryRun) {
    const settled = await settlePending(client, session, io);
    if (settled !== undefined) return finished(session, settled, data);
    // Asked before the proofs are made, which takes minutes on a network that wants them.
    for (const change of wanted) for (const line of callLines(change)) io.note(line);
    await confirmAleo(session, wanted.map(({ description }) => description).join("; "), args.confirm, io);
  }
  const ready: Ready[] = [];
  for (const change of wanted) {
    const prepared = await prepare(client, change);
    // A dry run's result holds it all anyway.
    if (!args.dryRun) for (const line of effectLines(prepared)) io.note(line);
    ready.push(prepared);
  }
  if (args.dryRun) return simulated(session, client.address, ready, data);
  for (const { change, rehearsal } of ready) requireAccepted(change, rehearsal);
  const sent: TaskResult[] = [];
  for (const each of ready) sent.push(await send(client, session, each));
  return {
    status: "sent",
    result: {
      data: {
        ...data,
        status: "sent",
        network: session.network,
        from: client.address,
        transactions: sent.map((each) => each.data),
      },
      lines: sent.flatMap((each) => each.lines),
    },
  };
}

/** What was interrupted may be this very call: sending it as well would do it twice. */
function finished(session: AleoSession, settled: Settled, data: object): AleoCarriedOut {
  return {
    status: "sent",
    result: {
      data: { ...data, status: "finished", network: session.network, finished: settled },
      lines: [
        `Finished what an interrupted command began: ${settled.what} was ${settled.outcome}`,
        "  nothing else was sent; run the command again if it is still to be done",
      ],
    },
  };
}

async function prepare(client: AleoClient, change: AleoChange): Promise<Ready> {
  const built = await client.build(change.program, change.function, change.inputs);
  const future = futureOf(built);
  const rehearsal =
    future === undefined
      ? { changes: [] }
      : await rehearse(client.ledger, future, await nextBlock(client.ledger));
  return { change, built, rehearsal };
}

function requireAccepted({ description, anyway }: AleoChange, { rejection }: Rehearsal): void {
  if (rejection === undefined || anyway === true) return;
  throw new RefusedError(`${description}: the ledger would reject it, so nothing was sent: ${rejection}`, {
    next: "look at the entries that it names; a rejected transaction costs its fee all the same",
  });
}

/** A call as a person reads it before it is made. */
function callLines({ description, program, function: name, shown }: AleoChange): string[] {
  return [description, `  call ${program}/${name}`, ...shown.map((line) => `    ${line}`)];
}

/** What it costs and changes. */
function effectLines({ change, built, rehearsal }: Ready): string[] {
  const effects =
    rehearsal.rejection === undefined
      ? rehearsal.changes.map(changeLine)
      : [`  the ledger would reject it: ${rehearsal.rejection}`];
  return [`  ${change.function}: ${built.fee} microcredits`, ...effects];
}

function already(session: AleoSession, changes: readonly AleoChange[], data: object): AleoCarriedOut {
  const lines = changes.map(({ description }) => `Already so, nothing sent: ${description}`);
  return {
    status: "already",
    result: {
      data: { ...data, status: "already", network: session.network, calls: changes.map(plain) },
      lines: lines.length > 0 ? lines : ["Nothing to do, nothing sent"],
    },
  };
}

function simulated(
  session: AleoSession,
  from: string,
  ready: readonly Ready[],
  data: object,
): AleoCarriedOut {
  const rejected = ready.filter(({ rehearsal }) => rehearsal.rejection !== undefined);
  const fees = ready.reduce((sum, { built }) => sum + built.fee, 0n);
  return {
    status: "simulated",
    result: {
      data: {
        ...data,
        status: "simulated",
        network: session.network,
        from,
        calls: ready.map(({ change, built, rehearsal }) => ({
          ...plain(change),
          fee: built.fee,
          ...rehearsal,
        })),
      },
      lines: [
        `Dry run against ${session.network}, nothing sent: ${ready.length} calls from ${from}, ${fees} microcredits in fees`,
        ...ready.flatMap((each) => [...callLines(each.change), ...effectLines(each)]),
      ],
      ...(rejected.length > 0 ? { exitCode: new CheckError("").exitCode } : {}),
    },
  };
}

async function send(client: AleoClient, session: AleoSession, ready: Ready): Promise<TaskResult> {
  const { change, built, rehearsal } = ready;
  const { sent, milliseconds } = await submit(session, built.what, (options) =>
    client.resend(built, options),
  ).catch(async (error: unknown) => {
    if (!(error instanceof RejectedTransaction)) throw error;
    throw await explained(client, ready, error);
  });
  const changes = await Promise.all(rehearsal.changes.map((each) => readAgain(client, each)));
  return {
    data: { ...plain(change), ...receipt(sent), milliseconds, changes },
    lines: [
      `Done: ${change.description}`,
      ...changes.map(changeLine),
      `  transaction ${sent.id} in block ${sent.height}, ${sent.fee} microcredits, after ${milliseconds} ms`,
    ],
  };
}

/** The ledger gives no reason; the same code run against the state it left usually finds it. */
async function explained(client: AleoClient, { change, built }: Ready, error: RejectedTransaction) {
  const future = futureOf(built);
  const again =
    future === undefined ? undefined : await rehearse(client.ledger, future, await nextBlock(client.ledger));
  const why = again?.rejection ?? "what it met has changed since";
  return new CheckError(
    `${change.description}: rejected in block ${error.confirmation.height}, its fee is spent: ${why}`,
    { next: "npx hardhat aleo analyze-failures", cause: error },
  );
}

async function readAgain(client: AleoClient, change: MappingChange): Promise<MappingChange> {
  const after = await client.mapping(change.program, change.mapping, change.key);
  return { ...change, after: after?.replaceAll(/\s+/g, " ") };
}

function receipt({ id, height, fee }: Sent) {
  return { id, height, fee };
}

function plain({ description, program, function: name, shown: inputs }: AleoChange) {
  return { description, program, function: name, inputs };
}
