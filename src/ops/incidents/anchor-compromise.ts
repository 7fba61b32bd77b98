import { getAddress, ZeroHash } from "ethers";
import {
  type ChangeContext,
  reopenStream,
  replaceAnchorer,
  suspendStream,
  vetoBatch,
} from "../../chain/changes/index.ts";
import { connect } from "../../chain/contracts.ts";
import { type AnchoredBatch, streamBatches, streamCut } from "../../chain/stream-history.ts";
import { CheckError, InputError } from "../../core/errors.ts";
import { verdicts } from "./history.ts";
import { proveAgainRecord, whoMustProveAgain } from "./prove-again.ts";
import type { IncidentState } from "./state.ts";
import type { Hands, IncidentStep, StepRecord } from "./step.ts";
import { throughTimelock } from "./timelock-steps.ts";

/** A batch as its own organisation has it: what the chain has to say of it, too. */
export interface OwnBatch {
  readonly batchIndex: bigint;
  readonly end: bigint;
  /** 32 bytes each, 0x hex. */
  readonly batchRoot: string;
  readonly factsRoot: string;
  readonly logRoot: string;
}

/** A stream's anchorer key is in other hands: batches were anchored that the log never closed. */
export interface AnchorCompromise {
  readonly context: ChangeContext;
  readonly hands: Hands;
  readonly state: IncidentState;
  readonly streamId: string;
  /** Index of the last batch that is ours; 0 when none is. */
  readonly keep: bigint;
  readonly newAnchorer: string;
  /** Our own record of batches up to `keep`, compared with the chain at the end; may be incomplete. */
  readonly own: readonly OwnBatch[];
}

/** The steps: make the forged batches worthless, let nobody anchor, cut, let the new key anchor, check the tail. */
export function anchorCompromise(incident: AnchorCompromise): IncidentStep[] {
  const { context, hands, state, streamId, keep } = incident;
  return [
    {
      id: "identify",
      title: "What was anchored after the last batch that is ours",
      run: () => identify(incident),
    },
    { id: "veto", title: "Veto the forged batches that are not mature", run: () => veto(incident) },
    {
      id: "suspend",
      title: "Suspend the stream: nobody can anchor",
      run: async () => hands.apply(await suspendStream(context, streamId), "admin"),
    },
    { id: "veto-rest", title: "Veto what was anchored meanwhile", run: () => veto(incident) },
    ...throughTimelock({
      context,
      hands,
      state,
      id: "reopen",
      what: `cut of stream ${streamId.slice(0, 10)}… back to batch ${keep}`,
      change: () => reopenStream(context, streamId, keep),
    }),
    {
      id: "anchorer",
      title: "Let the new key anchor",
      run: async () => hands.apply(await replaceAnchorer(context, streamId, incident.newAnchorer), "admin"),
    },
    {
      id: "verify",
      title: "Verify the stream from its first batch to its tail",
      run: () => verifyTail(incident),
    },
    { id: "list", title: "List who has to prove again", run: () => listFallen(incident) },
  ];
}

async function forgedBatches({ context, streamId, keep }: AnchorCompromise): Promise<AnchoredBatch[]> {
  const batches = await streamBatches(context.provider, context.deployment, streamId);
  return batches.filter(({ batchIndex }) => batchIndex > keep);
}

async function identify(incident: AnchorCompromise): Promise<StepRecord> {
  const { context, streamId, keep, newAnchorer } = incident;
  const forged = await forgedBatches(incident);
  const { anchorer } = await connect(context.deployment, context.provider).registry.head(streamId);
  if (getAddress(newAnchorer) === getAddress(anchorer)) {
    throw InputError.expected("new anchorer", "another account than the compromised one", newAnchorer);
  }
  if (forged.length === 0) {
    throw InputError.expected(
      "--keep",
      "the index of the last batch that is ours, with forged ones after it",
      keep,
      "npx hardhat stream anchorer replaces a key that has forged nothing",
    );
  }
  await compareOwn(incident);
  const lines = [
    `Anchorer ${anchorer} anchored ${forged.length} batches after batch ${keep}:`,
    ...forged.map(
      ({ batchIndex, end, transactionHash, factsRoot }) =>
        `  batch ${batchIndex} up to sequence ${end}${factsRoot === ZeroHash ? ", without facts" : ""}: ${transactionHash}`,
    ),
  ];
  const batches = forged.map(({ batchIndex, transactionHash }) => ({ batchIndex, transactionHash }));
  return { lines, data: { anchorer, batches } };
}

/** Too late for a mature one: those are for the cut. A batch without facts carries nothing that could count. */
async function veto(incident: AnchorCompromise): Promise<StepRecord> {
  const { context, hands, streamId } = incident;
  const lines: string[] = [];
  for (const batch of await forgedBatches(incident)) {
    if (batch.factsRoot === ZeroHash) continue;
    const { batchIndex, end, matureAt, factsRoot } = batch;
    const now = BigInt((await context.provider.getBlock("latest"))?.timestamp ?? 0);
    if (now >= matureAt) {
      lines.push(`Batch ${batchIndex} is mature: what was proved from it falls with the cut.`);
      continue;
    }
    const change = await vetoBatch(context, streamId, { batchIndex, end, matureAt, factsRoot });
    lines.push(...(await hands.apply(change, "guardian")).lines);
  }
  return { lines: lines.length === 0 ? ["Nothing to veto."] : lines, data: {} };
}

/** The chain's logs must hash to its state root, and say of our own batches what we say. */
async function verifyTail(incident: AnchorCompromise): Promise<StepRecord> {
  const { context, streamId, keep, own } = incident;
  const { registry } = connect(context.deployment, context.provider);
  // Recomputes every state root from the first batch on.
  await streamCut(context.provider, context.deployment, streamId, 0n);
  const head = await registry.head(streamId);
  if (head.batchIndex !== keep) {
    throw new CheckError(
      `stream ${streamId}: expected ${keep} batches after the cut, got ${head.batchIndex}`,
    );
  }
  await compareOwn(incident);
  const lines = [
    `${keep} batches hash to state root ${head.stateRoot}, epoch ${head.epoch}.`,
    own.length === 0
      ? "None was compared with batch files of ours: give them with --batches."
      : `${own.length} of them are those of our batch files.`,
  ];
  return {
    lines,
    data: { batches: keep, stateRoot: head.stateRoot, epoch: head.epoch, compared: own.length },
  };
}

async function compareOwn({ context, streamId, keep, own }: AnchorCompromise): Promise<void> {
  const chain = await streamBatches(context.provider, context.deployment, streamId);
  for (const mine of own.filter(({ batchIndex }) => batchIndex <= keep)) {
    const theirs = chain[Number(mine.batchIndex) - 1];
    const other = (["end", "batchRoot", "factsRoot", "logRoot"] as const).find(
      (field) => theirs?.[field] !== mine[field],
    );
    if (other === undefined) continue;
    throw new CheckError(
      `batch ${mine.batchIndex} on chain is not ours: ${other}: expected ${mine[other]}, got ${theirs?.[other]}`,
      { next: `give --keep ${mine.batchIndex - 1n}: the forgery began earlier` },
    );
  }
}

async function listFallen({ context, streamId }: AnchorCompromise): Promise<StepRecord> {
  const history = await verdicts(context.provider, context.deployment);
  const onStream = history.filter(({ agent }) => agent === undefined || agent.streamId === streamId);
  return proveAgainRecord(await whoMustProveAgain(context.provider, context.deployment, onStream));
}
