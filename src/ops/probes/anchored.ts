import { connect } from "../../chain/contracts.ts";
import type { Probe } from "../alerts/finding.ts";
import type { ChainView } from "./chain.ts";
import { ageText, type Looked, lookAt } from "./finding.ts";
import type { LoggedBatch, LogView } from "./log-view.ts";

/** Batches that are looked through for the one which the chain has last. */
const NEAR = 500n;

/**
 * How long the oldest event that no anchored batch holds has been in the log: the subject is the stream's id, the figure
 * seconds. It asks log and chain, not the process that anchors, and so notices that one's end, too.
 *
 * @param limit Seconds.
 */
export function anchorLateProbe(
  chain: ChainView,
  logs: readonly LogView[],
  limit: number,
  now: () => number,
): Probe {
  return {
    name: "anchor-late",
    every: 60,
    look: () =>
      Promise.all(
        logs.map((log) =>
          lookAt(log.streamId, async () => {
            const [{ sequence_number: newest }, { end }] = await Promise.all([
              log.head(),
              chainHead(chain, log),
            ]);
            if (newest <= end)
              return { breached: false, summary: `all ${newest} events are anchored`, value: 0 };
            const taken = await log.timeOf(end + 1n);
            const age = taken === undefined ? 0 : Math.max(0, now() - taken) / 1000;
            return {
              breached: age > limit,
              summary: `event ${end + 1n} waits for its anchor since ${ageText(age)}, with ${newest - end} events in all; the limit is ${ageText(limit)}`,
              value: age,
              details: { store: log.store, firstWaiting: String(end + 1n), newest: String(newest) },
            };
          }),
        ),
      ),
  };
}

/**
 * Whether the head that the chain has of a stream is one of the log's batches: the figure is how many of the log's closed batches
 * are not on the chain yet. It is in breach when the chain has a batch that the log lacks (the log lost acknowledged events,
 * or somebody else anchored) or has otherwise.
 */
export function headsApartProbe(chain: ChainView, logs: readonly LogView[]): Probe {
  return {
    name: "heads-apart",
    every: 60,
    look: () =>
      Promise.all(
        logs.map((log) =>
          lookAt(log.streamId, async () => {
            // The chain first: what it has then, the log had before.
            const onChain = await chainHead(chain, log);
            const { batch: newest } = await log.head();
            const ahead = (newest?.batch_index ?? 0n) - onChain.batchIndex;
            if (onChain.batchIndex === 0n)
              return {
                breached: false,
                summary: "nothing of the stream is anchored yet",
                value: Number(ahead),
              };
            return compare(onChain, await batchEndingAt(log, onChain), ahead);
          }),
        ),
      ),
  };
}

interface ChainHead {
  readonly batchIndex: bigint;
  readonly end: bigint;
  readonly stateRoot: string;
}

function compare(onChain: ChainHead, logged: LoggedBatch | undefined, ahead: bigint): Looked {
  const { batchIndex, end, stateRoot } = onChain;
  const details = {
    chainBatchIndex: String(batchIndex),
    chainEnd: String(end),
    chainStateRoot: stateRoot,
    logStateRoot: logged?.state_root ?? "none",
  };
  if (logged === undefined) {
    const summary = `the chain's batch ${batchIndex} ends at event ${end}, and no batch of the log does`;
    return { breached: true, summary, value: Number(ahead), details };
  }
  const same = logged.state_root === stateRoot;
  return {
    breached: !same,
    summary: same
      ? `the chain's head is the log's batch ${logged.batch_index}; ${ahead > 0n ? ahead : 0n} closed batches wait`
      : `batch ${batchIndex} of the chain and batch ${logged.batch_index} of the log end at event ${end} with different state roots`,
    value: Number(ahead),
    details,
  };
}

async function chainHead({ ask, deployment, provider }: ChainView, log: LogView): Promise<ChainHead> {
  const { registry } = connect(deployment, provider);
  const { batchIndex, end, stateRoot } = await ask(() => registry.head(log.streamId));
  return { batchIndex, end, stateRoot: stateRoot.toLowerCase() };
}

/** The log's batch with the chain's end; indices differ where the timelock cut batches that were anchored again otherwise. */
async function batchEndingAt(log: LogView, { batchIndex, end }: ChainHead): Promise<LoggedBatch | undefined> {
  const from = batchIndex > NEAR / 2n ? batchIndex - NEAR / 2n : 1n;
  const batches = await log.batches(from, Number(NEAR));
  return batches.find(({ end_sequence }) => end_sequence === end);
}
