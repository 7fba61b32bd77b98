import { toHex } from "../../core/bytes.ts";
import { CheckError, InputError } from "../../core/errors.ts";
import { batchInclusionProof, eventLeaf, eventToJson, receiptToJson } from "../../core/log/index.ts";
import { receiptOf } from "../read/index.ts";
import type { Database } from "../store/index.ts";
import { LogReader, type StreamKey } from "../tree/index.ts";
import { complianceOf, type ProvedClaim } from "./export-compliance.ts";
import type { AuditJson } from "./schema.ts";
import {
  type AnchorPlace,
  type BatchRow,
  type CheckpointRow,
  type EventRow,
  eventOf,
  type PayloadOpener,
  type StreamName,
  StreamRows,
} from "./source.ts";

/** Which part of a stream an auditor is to see. */
export interface AuditRequest extends StreamName {
  /** Ascending, none twice. */
  readonly sequences: readonly bigint[];
  /** Whole events, opened by this; without it only what their leaves are made of. */
  readonly open?: PayloadOpener | undefined;
  /** Opens the registrar's own events, which are always shown. */
  readonly openOwn: PayloadOpener;
  /** Whose anchors are named. */
  readonly chain?: AnchorPlace | undefined;
  /** Compliance proofs about batches of the file. */
  readonly proofs: readonly ProvedClaim[];
}

/**
 * Collects an auditor's file from the log's database.
 *
 * @param database As the role `app`.
 * @throws InputError for an entry that no checkpoint covers yet; CheckError when the database contradicts itself.
 */
export async function exportAudit(database: Database, request: AuditRequest): Promise<AuditJson> {
  const rows = new StreamRows(database, request);
  const checkpoint = await requireCheckpoint(rows, request);
  return await new Export(request, rows, checkpoint, new LogReader(database)).file();
}

class Export {
  readonly #request: AuditRequest;
  readonly #rows: StreamRows;
  readonly #checkpoint: CheckpointRow;
  readonly #log: LogReader;
  readonly #stream: StreamKey;
  readonly #batches = new Map<bigint, BatchRow>();

  constructor(request: AuditRequest, rows: StreamRows, checkpoint: CheckpointRow, log: LogReader) {
    this.#request = request;
    this.#rows = rows;
    this.#checkpoint = checkpoint;
    this.#log = log;
    this.#stream = { tenant: request.tenantId, store: request.storeId };
  }

  async file(): Promise<AuditJson> {
    const { tenantId, storeId, sequences, proofs, open, openOwn } = this.#request;
    const entries: AuditJson["entries"] = [];
    const signers = new Map<string, { agentId: string; keyId: bigint }>();
    for (const sequence of sequences) {
      const row = await this.#event(sequence);
      entries.push({ ...(await this.#entry(row, open)), ...(await this.#batchPath(row)) });
      signers.set(`${row.source_agent_id}/${row.agent_key_id}`, {
        agentId: row.source_agent_id,
        keyId: row.agent_key_id,
      });
    }
    const foundations: AuditJson["foundations"] = [];
    const places = open === undefined ? [1n] : await this.#rows.foundations([...signers.values()]);
    for (const place of places.filter((each) => each <= this.#checkpoint.size)) {
      const { receipt: _, ...entry } = await this.#entry(await this.#event(place), openOwn);
      foundations.push(entry);
    }
    const batches = [...this.#batches.values()].sort((a, b) =>
      a.start_sequence < b.start_sequence ? -1 : 1,
    );
    return {
      proofx_audit: 1,
      tenant_id: tenantId,
      store_id: storeId,
      checkpoint: {
        note: this.#checkpoint.note,
        cosignatures: await this.#rows.cosignatures(this.#checkpoint.size),
      },
      entries,
      foundations,
      batches: await Promise.all(batches.map((batch) => this.#batch(batch))),
      compliance: await Promise.all(
        proofs.map((proof) => complianceOf(this.#request, this.#rows, batches, proof, open === undefined)),
      ),
    };
  }

  async #event(sequence: bigint): Promise<EventRow> {
    const row = await this.#rows.event(sequence);
    if (row === undefined) throw InputError.expected("sequence", "one of the stream", sequence);
    return row;
  }

  async #entry(row: EventRow, open: PayloadOpener | undefined): Promise<AuditJson["entries"][number]> {
    const { sequence } = row;
    const { path } = await this.#log.inclusion(this.#stream, sequence - 1n, this.#checkpoint.size);
    const place = { sequence_number: String(sequence), log_path: path.map(toHex) };
    if (open === undefined) {
      const leaf = { signing_hash: toHex(row.signing_hash), agent_signature: toHex(row.agent_signature) };
      return { ...place, leaf };
    }
    const event = eventOf(row, await open(this.#request, row));
    if (toHex(eventLeaf({ sequence, event })) !== toHex(row.leaf))
      throw new CheckError(`sequence ${sequence}: the stored event is not the one in its leaf`, {
        next: "npx proofx log verify",
      });
    return {
      ...place,
      event: { ...eventToJson(event) },
      receipt: receiptToJson(receiptOf(row)),
    };
  }

  /** The entry's path in its batch, when it is in a closed one, which then belongs to the file. */
  async #batchPath({ sequence }: EventRow): Promise<{ batch_path?: string[] }> {
    const batch = await this.#rows.batchOf(sequence);
    if (batch === undefined) return {};
    this.#batches.set(batch.batch_index, batch);
    const leaves = await this.#rows.leaves(batch.start_sequence, batch.end_sequence);
    const { path } = batchInclusionProof(leaves, Number(sequence - batch.start_sequence));
    return { batch_path: path.map(toHex) };
  }

  async #batch(batch: BatchRow): Promise<AuditJson["batches"][number]> {
    const { size } = this.#checkpoint;
    const end = batch.end_sequence;
    const [first, second] = end <= size ? [end, size] : [size, end];
    const { path } = await this.#log.consistency(this.#stream, first, second);
    const { chain } = this.#request;
    const anchor = chain === undefined ? undefined : await this.#rows.anchor(batch.batch_index, chain);
    return {
      start_sequence: String(batch.start_sequence),
      end_sequence: String(end),
      previous_state_root: toHex(batch.previous),
      batch_root: toHex(batch.batch_root),
      facts_root: toHex(batch.facts_root),
      log_root: toHex(batch.log_root),
      state_root: toHex(batch.state_root),
      log_consistency: path.map(toHex),
      ...(chain === undefined || anchor === undefined
        ? {}
        : {
            anchor: {
              chain_id: String(chain.chainId),
              registry: toHex(chain.registry),
              transaction_hash: toHex(anchor.transaction_hash),
              block_number: String(anchor.block_number),
              block_hash: toHex(anchor.block_hash),
              batch_index: String(anchor.chain_batch_index),
              mature_at: String(anchor.mature_at),
            },
          }),
    };
  }
}

async function requireCheckpoint(rows: StreamRows, { sequences }: AuditRequest): Promise<CheckpointRow> {
  const last = sequences.at(-1);
  if (last === undefined) throw InputError.expected("sequences", "at least one", "none");
  if (sequences.some((each, i) => each <= (sequences[i - 1] ?? 0n)))
    throw InputError.expected("sequences", "ascending numbers from 1, none twice", "others");
  const checkpoint = await rows.newestCheckpoint();
  if (checkpoint === undefined || checkpoint.size < last)
    throw new InputError(
      `sequence ${last}: the newest checkpoint ${checkpoint === undefined ? "is none" : `ends at ${checkpoint.size}`}`,
      { next: "wait for the next checkpoint; the sequencer makes one every few seconds" },
    );
  return checkpoint;
}
