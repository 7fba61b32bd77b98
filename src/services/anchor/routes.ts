import { z } from "zod";
import { fromHex, toHex } from "../../core/bytes.ts";
import { type AnchorRow, STATUSES, WAIT_CAUSES, type Waiting } from "../../sequencer/anchor/index.ts";
import type { HttpServer } from "../support/http.ts";
import { problemBody } from "../support/problem.ts";
import type { RunningAnchoring } from "./anchoring.ts";

const MOST = 500;

const waitingView = z.object({ cause: z.enum(WAIT_CAUSES), detail: z.string() });
const batchView = z
  .object({
    streamId: z.string(),
    batchIndex: z.string(),
    startSequence: z.string(),
    endSequence: z.string(),
    batchRoot: z.string(),
    factsRoot: z.string(),
    logRoot: z.string(),
    stateRoot: z.string(),
    closedAt: z.string(),
    status: z.enum(STATUSES).meta({ description: "`included` is in a block, `anchored` for good" }),
    transactions: z.array(z.string()).meta({ description: "Hashes of all that were signed, newest last" }),
    anchor: z
      .object({
        transactionHash: z.string(),
        blockNumber: z.string(),
        blockHash: z.string(),
        chainBatchIndex: z.string(),
        matureAt: z.string().meta({ description: "From when the facts root counts" }),
      })
      .optional(),
  })
  .meta({ id: "Batch", description: "A closed batch and what became of it on the chain" });

/** `/v1`: what is anchored and what waits, to look at. It names streams as the chain does, and nothing that is in them. */
export function addAnchorRoutes(server: HttpServer, running: RunningAnchoring): void {
  const face = z.object({ chainId: z.string(), registry: z.string(), anchorer: z.string() });
  server.get(
    "/v1/anchor",
    { schema: { summary: "Where batches are anchored, and by whom", response: { 200: face } } },
    async () => ({
      chainId: String(running.chainId),
      registry: running.registry,
      anchorer: running.anchorer,
    }),
  );
  const querystring = z.object({
    stream: z
      .string()
      .regex(/^0x[0-9a-f]{64}$/)
      .optional(),
    status: z.enum(STATUSES).optional(),
    limit: z.coerce.number().int().min(1).max(MOST).default(100),
  });
  const list = z.object({ batches: z.array(batchView), waiting: z.record(z.string(), waitingView) });
  server.get(
    "/v1/batches",
    {
      schema: {
        summary: "Batches, newest first, and why streams do not go on",
        querystring,
        response: { 200: list, default: problemBody },
      },
    },
    async ({ query: { stream, status, limit } }) => {
      const rows = await running.store.list({
        limit,
        ...(stream === undefined ? {} : { streamId: fromHex("stream", stream, 32) }),
        ...(status === undefined ? {} : { status }),
      });
      return { batches: rows.map(viewOf), waiting: waitingOf(running.anchoring.view().waiting, stream) };
    },
  );
}

function waitingOf(
  all: ReadonlyMap<string, Waiting>,
  stream: string | undefined,
): Record<string, z.input<typeof waitingView>> {
  const entries = [...all].filter(([id]) => stream === undefined || id === stream);
  return Object.fromEntries(entries.map(([id, { cause, detail }]) => [id, { cause, detail }]));
}

function viewOf(row: AnchorRow): z.input<typeof batchView> {
  const { transactionHash, blockNumber, blockHash, chainBatchIndex, matureAt } = row;
  return {
    streamId: toHex(row.streamId),
    batchIndex: String(row.batchIndex),
    startSequence: String(row.startSequence),
    endSequence: String(row.endSequence),
    batchRoot: toHex(row.batchRoot),
    factsRoot: toHex(row.factsRoot),
    logRoot: toHex(row.logRoot),
    stateRoot: toHex(row.stateRoot),
    closedAt: new Date(Number(row.closedAt)).toISOString(),
    status: row.status,
    transactions: row.hashes.map(toHex),
    ...(transactionHash === null || blockHash === null
      ? {}
      : {
          anchor: {
            transactionHash: toHex(transactionHash),
            blockNumber: String(blockNumber),
            blockHash: toHex(blockHash),
            chainBatchIndex: String(chainBatchIndex),
            matureAt: new Date(Number(matureAt) * 1000).toISOString(),
          },
        }),
  };
}
