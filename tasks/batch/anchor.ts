import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { abiOf } from "../../src/chain/artifacts.ts";
import { type Call, makeCall } from "../../src/chain/call.ts";
import { contractOf } from "../../src/chain/deployment.ts";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import { CheckError, UnavailableError } from "../../src/core/errors.ts";
import {
  type ClosedBatch,
  closeBatch,
  EMPTY_STREAM,
  type SequencedEvent,
  type StreamState,
  streamId,
  type VesEvent,
} from "../../src/core/log/index.ts";
import { factsTreeOf } from "../../src/sequencer/batches/facts-tree.ts";
import { type ActArguments, act } from "../support/act.ts";
import { type DeployedSession, openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { fieldHex } from "../support/values.ts";
import { findAnchored } from "./anchored.ts";
import { readAgents, readEvents } from "./events.ts";
import { type Anchored, type BatchFile, readBatchFile, streamStateOf, writeBatchFile } from "./file.ts";

export interface AnchorArguments extends Omit<ActArguments, "from" | "out"> {
  readonly events: string | undefined;
  readonly agents: string | undefined;
  readonly previous: string | undefined;
  readonly out: string | undefined;
}

/**
 * Anchors the next batch of a stream. Run again after a crash it finds the batch on chain and only writes the file
 * that is missing.
 */
export async function anchorBatch(
  args: AnchorArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const agents = readAgents(required("agents", args.agents, "a JSON file of agents' keys"));
  const signed = readEvents(required("events", args.events, "a file of signed events"), agents);
  const out = required("out", args.out, "a batch file to write");
  const before = args.previous === undefined ? undefined : readBatchFile("--previous", args.previous);
  refuseRepeats(signed, before);
  const previous = before === undefined ? EMPTY_STREAM : streamStateOf(before);
  const events = sequence(signed, previous);
  const closed = close(events, previous);

  const session = await openDeployedSession(hre);
  const { tenantId, storeId } = events[0].event;
  const head = await session.contracts.registry.head(closed.streamId).catch(() => {
    throw new UnavailableError(`the stream of tenant ${tenantId}, store ${storeId} is not open`, {
      next: `npx hardhat stream open --network ${session.chain.network} --tenant ${tenantId} --store ${storeId} …`,
    });
  });
  let fromBlock = contractOf(session.deployment, "registry").blockNumber;
  if (head.stateRoot !== toHex(closed.stateRoot)) {
    requireHead(head.stateRoot, head.end, previous);
    const outcome = await act(
      session,
      anchorCall(session, closed, previous),
      head.anchorer,
      { ...args, from: undefined, out: undefined },
      io,
    );
    if (outcome.status !== "sent") return outcome.result;
    fromBlock = outcome.receipt.blockNumber;
  }
  const { batchIndex } = await session.contracts.registry.head(closed.streamId);
  const anchored = await findAnchored(session, { ...closed, batchIndex }, fromBlock);
  writeBatchFile(out, { ...closed, tenantId, storeId, log: closed.next.log, events }, anchored);
  return report(closed, anchored, out);
}

/** An event file that is appended to and anchored again would give old events a new, younger place. */
function refuseRepeats(signed: readonly VesEvent[], before: BatchFile | undefined): void {
  const known = new Set(before?.events.map(({ eventId }) => eventId));
  const repeated = signed.find(({ eventId }) => known.has(eventId));
  if (repeated === undefined) return;
  throw new CheckError(`event ${repeated.eventId} is in the batch before this one already`, {
    next: "give only new events: start a new file of events for each batch",
  });
}

function sequence(
  signed: readonly [VesEvent, ...VesEvent[]],
  previous: StreamState,
): [SequencedEvent, ...SequencedEvent[]] {
  const place = (event: VesEvent, index: number) => ({ sequence: previous.end + BigInt(index + 1), event });
  const [first, ...others] = signed;
  return [place(first, 0), ...others.map((event, index) => place(event, index + 1))];
}

function close(events: readonly [SequencedEvent, ...SequencedEvent[]], previous: StreamState): ClosedBatch {
  const { tenantId: tenant, storeId: store } = events[0].event;
  const id = streamId(tenant, store);
  const facts = events.map(({ sequence: place, event }) => ({
    sequence: place,
    agentId: event.sourceAgentId,
    factsCommitment: event.factsCommitment ?? null,
  }));
  const factsRoot = fromHex("facts root", fieldHex(factsTreeOf(id, facts).root), 32);
  return closeBatch({ tenant, store, events, previous, factsRoot });
}

function requireHead(stateRoot: string, end: bigint, previous: StreamState): void {
  if (stateRoot === toHex(previous.stateRoot)) return;
  throw new CheckError(
    `--previous: expected the stream's newest batch, which ends at sequence ${end} with state root ${stateRoot}, ` +
      `got one that ends at ${previous.end} with ${toHex(previous.stateRoot)}`,
    { next: "name the newest batch file with --previous" },
  );
}

function anchorCall(
  session: DeployedSession,
  { streamId: id, batch }: ClosedBatch,
  previous: StreamState,
): Call {
  return makeCall(
    abiOf("AnchorRegistry"),
    contractOf(session.deployment, "registry").address,
    "anchor",
    [
      toHex(id),
      {
        ...batch,
        batchRoot: toHex(batch.batchRoot),
        factsRoot: toHex(batch.factsRoot),
        logRoot: toHex(batch.logRoot),
      },
      toHex(previous.stateRoot),
    ],
    `Anchor sequences ${batch.startSequence} to ${batch.endSequence} of stream ${toHex(id)}`,
  );
}

function report(
  { batch, stateRoot, streamId: id }: ClosedBatch,
  anchored: Anchored,
  file: string,
): TaskResult {
  const data = {
    status: "anchored",
    streamId: toHex(id),
    ...anchored,
    startSequence: batch.startSequence,
    endSequence: batch.endSequence,
    batchRoot: toHex(batch.batchRoot),
    factsRoot: toHex(batch.factsRoot),
    logRoot: toHex(batch.logRoot),
    stateRoot: toHex(stateRoot),
    file,
  };
  const lines = [
    `Batch ${anchored.batchIndex} of stream ${data.streamId} is anchored: sequences ${batch.startSequence} to ${batch.endSequence}`,
    `  facts root   ${data.factsRoot}, counts from ${new Date(Number(anchored.matureAt) * 1000).toISOString()}`,
    `  state root   ${data.stateRoot}`,
    `  transaction  ${anchored.transactionHash}`,
    `  batch file   ${file}`,
  ];
  return { data, lines };
}

export default action(anchorBatch);
