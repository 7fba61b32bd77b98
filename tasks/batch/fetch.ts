import { setTimeout as sleep } from "node:timers/promises";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { contractOf } from "../../src/chain/deployment.ts";
import { fromHex, type Hex, toHex } from "../../src/core/bytes.ts";
import { InputError, UnavailableError } from "../../src/core/errors.ts";
import { batchRoot, contentRoot, eventLeaf, type LeafContent, streamId } from "../../src/core/log/index.ts";
import { isUuid, UUID_FORM } from "../../src/core/uuid.ts";
import { type Client, type ClosedRange, createClient } from "../../src/sdk/index.ts";
import { factsTreeOf } from "../../src/sequencer/batches/facts-tree.ts";
import { readCredential } from "../support/credential.ts";
import { type DeployedSession, openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { fieldHex, parseUnsigned } from "../support/values.ts";
import { findAnchored } from "./anchored.ts";
import { writeBatchFile } from "./file.ts";

export interface FetchArguments {
  readonly url: string | undefined;
  readonly credential: string | undefined;
  readonly tenant: string | undefined;
  readonly store: string | undefined;
  readonly sequence: string | undefined;
  readonly wait: string | undefined;
  readonly out: string | undefined;
}

/** Between two looks whether the batch is on chain; ms. */
const LOOK = 250;

/**
 * Asks a sequencer for the batch that holds an event, recomputes its roots from the events, and finds them on chain: neither
 * the sequencer nor the anchor is believed.
 */
export async function fetchBatch(
  args: FetchArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const tenant = readUuid("--tenant", required("tenant", args.tenant, "a tenant's UUID"));
  const store = readUuid("--store", required("store", args.store, "a store's UUID"));
  const sequence = parseUnsigned("--sequence", required("sequence", args.sequence, "a sequence number"), 64);
  const patience = parseUnsigned("--wait", args.wait ?? "0", 32);
  const out = required("out", args.out, "a batch file to write");
  const credential = readCredential(required("credential", args.credential, "a file with an API key"));
  const url = required("url", args.url, "where the sequencer listens");
  const client = createClient({ url, credential, tenant, store });
  const session = await openDeployedSession(hre);
  const range = await waitForBatch(client, sequence, session, Number(patience), io);

  const events: LeafContent[] = [];
  for await (const event of client.events({ from: range.start, to: range.end })) events.push(event);
  const id = streamId(tenant, store);
  const batch = rootsOf(id, range, events);
  const { blockNumber } = contractOf(session.deployment, "registry");
  const anchored = await findAnchored(
    session,
    { streamId: id, batchIndex: range.chainIndex, batch },
    blockNumber,
  );
  const roots = { ...batch, logRoot: fromHex("log root", anchored.logRoot as Hex, 32) };
  const stateRoot = fromHex("state root", anchored.stateRoot as Hex, 32);
  writeBatchFile(
    out,
    {
      tenantId: tenant,
      storeId: store,
      streamId: id,
      batch: roots,
      contentRoot: contentRoot(roots),
      stateRoot,
      events,
    },
    anchored,
  );
  return report(range, roots, anchored, out);
}

type AnchoredRange = ClosedRange & { readonly chainIndex: bigint };

async function waitForBatch(
  client: Client,
  sequence: bigint,
  session: DeployedSession,
  patience: number,
  io: TaskIo,
): Promise<AnchoredRange> {
  const until = performance.now() + patience * 1000;
  for (let told = false; ; told = true) {
    const { range, stands } = await findRange(client, sequence, session);
    if (range !== undefined) return range;
    if (performance.now() >= until) {
      throw new UnavailableError(`event ${sequence}: ${stands}`, {
        next: "try again later, or say with --wait SECONDS how long to wait",
      });
    }
    if (!told) io.note(`event ${sequence}: ${stands}; waiting`);
    await sleep(LOOK);
  }
}

async function findRange(
  client: Client,
  sequence: bigint,
  { chain, deployment }: DeployedSession,
): Promise<{ range?: AnchoredRange; stands: string }> {
  const registry = contractOf(deployment, "registry").address.toLowerCase();
  for await (const range of client.batches()) {
    if (range.end < sequence) continue;
    const anchor = range.anchors.find(
      (each) => String(each.chainId) === String(chain.chainId) && toHex(each.registry) === registry,
    );
    if (anchor?.chainBatchIndex === undefined)
      return { stands: `batch ${range.index} is closed and not on this chain yet` };
    return { range: { ...range, chainIndex: anchor.chainBatchIndex }, stands: "" };
  }
  return { stands: "no batch holds it yet" };
}

function rootsOf(id: Uint8Array, range: ClosedRange, events: readonly LeafContent[]) {
  const facts = events.map(({ sequence, event }) => ({
    sequence,
    agentId: event.sourceAgentId,
    factsCommitment: event.factsCommitment ?? null,
  }));
  return {
    startSequence: range.start,
    endSequence: range.end,
    count: events.length,
    batchRoot: batchRoot(events.map(eventLeaf)),
    factsRoot: fromHex("facts root", fieldHex(factsTreeOf(id, facts).root), 32),
  };
}

function report(
  { start, end, chainIndex }: AnchoredRange,
  roots: Readonly<Record<"batchRoot" | "factsRoot" | "logRoot", Uint8Array>>,
  anchored: Awaited<ReturnType<typeof findAnchored>>,
  file: string,
): TaskResult {
  const data = {
    status: "anchored",
    batchIndex: chainIndex,
    startSequence: start,
    endSequence: end,
    batchRoot: toHex(roots.batchRoot),
    factsRoot: toHex(roots.factsRoot),
    logRoot: toHex(roots.logRoot),
    stateRoot: anchored.stateRoot,
    matureAt: anchored.matureAt,
    transactionHash: anchored.transactionHash,
    file,
  };
  const lines = [
    `Batch ${chainIndex} is on chain with the roots of these events: sequences ${start} to ${end}`,
    `  facts root   ${data.factsRoot}, counts from ${new Date(Number(anchored.matureAt) * 1000).toISOString()}`,
    `  transaction  ${anchored.transactionHash}`,
    `  batch file   ${file}`,
  ];
  return { data, lines };
}

function readUuid(option: string, text: string): string {
  if (!isUuid(text)) throw InputError.expected(option, UUID_FORM, text);
  return text;
}

export default action(fetchBatch);
