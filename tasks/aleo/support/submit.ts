import type { BuiltTransaction } from "../../../src/aleo/build.ts";
import { type AleoClient, RejectedTransaction, type Sent } from "../../../src/aleo/client.ts";
import { noteSubmission } from "../../../src/aleo/journal.ts";
import { forgetPending, notePending, readPending } from "../../../src/aleo/pending.ts";
import { RefusedError } from "../../../src/core/errors.ts";
import type { TaskIo } from "../../support/task.ts";
import { type AleoSession, genesisOf } from "./session.ts";

/** What sending is told: how long to wait, and what to do before. */
export interface SubmitOptions {
  readonly timeout: number;
  readonly beforeSend: (transaction: BuiltTransaction) => Promise<void>;
}

/**
 * Has a transaction sent and waits for its block. It is written down before, so that a command that was killed can be
 * finished without anything being paid twice; how long it took is written down after.
 *
 * @param what `p.aleo/f`, or a program's id for its deployment. @throws as `AleoClient.execute`.
 */
export async function submit(
  session: AleoSession,
  what: string,
  send: (options: SubmitOptions) => Promise<Sent>,
): Promise<{ sent: Sent; milliseconds: number }> {
  const { settings, network } = session;
  const genesis = await genesisOf(session);
  let began = Date.now();
  const beforeSend = async (transaction: BuiltTransaction) => {
    notePending(settings.folder, network, { ...transaction, genesis });
    began = Date.now();
  };
  const note = ({ id, height, status }: Pick<Sent, "id" | "height" | "status">): number => {
    forgetPending(settings.folder, network);
    const milliseconds = Date.now() - began;
    const [program = "", name = "(deployment)"] = what.split("/");
    const accepted = status === "accepted";
    const submission = { id, program, function: name, time: began / 1000, milliseconds, accepted, height };
    noteSubmission(settings.folder, network, submission);
    return milliseconds;
  };
  try {
    const sent = await send({ timeout: settings.confirmation_timeout * 1000, beforeSend });
    return { sent, milliseconds: note(sent) };
  } catch (error) {
    if (error instanceof RejectedTransaction) note(error.confirmation);
    // Refused before it was sent, or by the node: it will never be in a block.
    else if (error instanceof RefusedError) forgetPending(settings.folder, network);
    throw error;
  }
}

/** What became of an interrupted command's transaction. */
export interface Settled {
  readonly id: string;
  readonly what: string;
  readonly outcome: "accepted" | "rejected" | "refused by the node, so it changed nothing";
}

/** Finishes what an interrupted command was about to send, or had sent without seeing its block; undefined when there is nothing. */
export async function settlePending(
  client: AleoClient,
  session: AleoSession,
  io: TaskIo,
): Promise<Settled | undefined> {
  const { settings, network } = session;
  const pending = readPending(settings.folder, network);
  if (pending === undefined) return undefined;
  if (pending.genesis !== (await genesisOf(session))) {
    forgetPending(settings.folder, network);
    return undefined;
  }
  const { id, what } = pending;
  io.note(
    `an interrupted command left ${what}, ${id}: looking for it, and sending it if it is in no block …`,
  );
  try {
    await submit(session, what, (options) => client.resend(pending, options));
    return { id, what, outcome: "accepted" };
  } catch (error) {
    if (error instanceof RejectedTransaction) return { id, what, outcome: "rejected" };
    if (error instanceof RefusedError) {
      return { id, what, outcome: "refused by the node, so it changed nothing" };
    }
    throw error;
  }
}
