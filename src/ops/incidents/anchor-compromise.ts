import { getAddress, ZeroHash } from "ethers";
import type { Change } from "../../chain/change.ts";
import {
  type ChangeContext,
  CUT_LIMIT,
  reopenStream,
  replaceAnchorer,
  suspendStream,
  vetoBatch,
} from "../../chain/changes/index.ts";
import { connect } from "../../chain/contracts.ts";
import { type AnchoredBatch, streamBatches, streamCuts } from "../../chain/stream-history.ts";
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
  /** Batches that one call cuts, at most; {@link CUT_LIMIT} unless given. */
  readonly cutLimit?: number;
}

/** The steps: make the forged batches worthless, let nobody anchor, cut, let the new key anchor, check the tail. */
export function anchorCompromise(incident: AnchorCompromise): IncidentStep[] {
  const { context, hands, state, streamId, keep } = incident;
  const isDone = (id: string) => state.steps[id] !== undefined;
  return [
    {
      id: "identify",
      title: "What was anchored after the last batch that is ours",
      run: () => identify(incident),
    },
    {
      id: "veto",
      title: "Veto the forged batches that are not mature",
      independent: true,
      run: () => veto(incident),
      // Until nobody can anchor, the thief makes new ones, e.g. while a multisig collects its signatures.
      stands: async () => isDone("suspend") || (await openToVeto(incident)).length === 0,
    },
    {
      id: "suspend",
      title: "Suspend the stream: nobody can anchor",
      run: async () => hands.apply(await suspendStream(context, streamId), "admin"),
      stands: async () => isDone("reopen-execute") || (await suspendStream(context, streamId)).already(),
    },
    {
      id: "veto-rest",
      title: "Veto what was anchored meanwhile",
      independent: true,
      run: () => veto(incident),
      stands: async () => (await openToVeto(incident)).length === 0,
    },
    ...throughTimelock({
      context,
      hands,
      state,
      id: "reopen",
      what: `cut of stream ${streamId.slice(0, 10)}… back to batch ${keep}`,
      change: () => reopenStream(context, streamId, keep, { limit: incident.cutLimit ?? CUT_LIMIT }),
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

/** Those after the last that is ours; none once they are cut, for what comes then is the new anchorer's. */
async function forgedBatches({ context, state, streamId, keep }: AnchorCompromise): Promise<AnchoredBatch[]> {
  if (state.steps["reopen-execute"] !== undefined) return [];
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

/** Batches that the registry still knows, `RING_SIZE` in AnchorRegistry.sol: from an older one nothing can be proved. */
const RING_SIZE = 256n;

/** Why a veto of a batch is no use; undefined when it is. A batch without facts carries nothing that could count. */
function beyondVeto({ batchIndex, matureAt, factsRoot }: AnchoredBatch, newest: bigint, now: bigint) {
  if (factsRoot === ZeroHash) return "carries no facts";
  if (batchIndex + RING_SIZE <= newest) return "has left the registry's ring: nothing can be proved from it";
  return now >= matureAt ? "is mature: what was proved from it falls with the cut" : undefined;
}

async function openToVeto(incident: AnchorCompromise): Promise<AnchoredBatch[]> {
  return (await sortedByVeto(incident)).open;
}

async function sortedByVeto(
  incident: AnchorCompromise,
): Promise<{ open: AnchoredBatch[]; changes: Change[]; lines: string[] }> {
  const { context, streamId } = incident;
  const forged = await forgedBatches(incident);
  const newest = forged.at(-1)?.batchIndex ?? 0n;
  const now = BigInt((await context.provider.getBlock("latest"))?.timestamp ?? 0);
  const open: AnchoredBatch[] = [];
  const changes: Change[] = [];
  const lines: string[] = [];
  // Together: while they are looked at one by one, the thief's batches become mature.
  const looked = await Promise.all(
    forged.map(async (batch) => {
      const change = beyondVeto(batch, newest, now) ?? (await vetoOf(context, streamId, batch));
      return { batch, change };
    }),
  );
  for (const { batch, change } of looked) {
    if (typeof change === "string") lines.push(`Batch ${batch.batchIndex} ${change}.`);
    else {
      changes.push(change);
      if (!change.already()) open.push(batch);
    }
  }
  return { open, changes, lines };
}

/** Its reason when it became mature while we looked. */
async function vetoOf(
  context: ChangeContext,
  streamId: string,
  { batchIndex, end, matureAt, factsRoot }: AnchoredBatch,
): Promise<Change | string> {
  try {
    return await vetoBatch(context, streamId, { batchIndex, end, matureAt, factsRoot });
  } catch (error) {
    if (!(error instanceof CheckError)) throw error;
    return "is mature: what was proved from it falls with the cut";
  }
}

async function veto(incident: AnchorCompromise): Promise<StepRecord> {
  const { changes, lines } = await sortedByVeto(incident);
  const vetoed = changes.length === 0 ? [] : (await incident.hands.apply(changes, "guardian")).lines;
  const all = [...lines, ...vetoed];
  return { lines: all.length === 0 ? ["Nothing to veto."] : all, data: {} };
}

/** The chain's logs must hash to its state root, and say of our own batches what we say. */
async function verifyTail(incident: AnchorCompromise): Promise<StepRecord> {
  const { context, streamId, keep, own } = incident;
  const { registry } = connect(context.deployment, context.provider);
  // Recomputes every state root from the first batch on.
  await streamCuts(context.provider, context.deployment, streamId, 0n);
  const head = await registry.head(streamId);
  // The new anchorer may have gone on already.
  if (head.batchIndex < keep) {
    throw new CheckError(
      `stream ${streamId}: expected at least ${keep} batches after the cut, got ${head.batchIndex}`,
    );
  }
  await compareOwn(incident);
  const lines = [
    `${head.batchIndex} batches hash to state root ${head.stateRoot}, epoch ${head.epoch}.`,
    own.length === 0
      ? "None was compared with batch files of ours: give them with --batches."
      : `${own.length} of them are those of our batch files.`,
  ];
  return {
    lines,
    data: { batches: head.batchIndex, stateRoot: head.stateRoot, epoch: head.epoch, compared: own.length },
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
