import { equalBytes, toHex } from "../../core/bytes.ts";
import {
  appendToLog,
  EMPTY_LOG,
  type LogFrontier,
  streamId,
  type VerifierKey,
} from "../../core/log/index.ts";
import { computeBatch, type FactsRow } from "../batches/compute.ts";
import { type BatchRow, type StreamKey, stateAfter } from "../batches/rows.ts";
import { TILE_WIDTH } from "../tree/tile.ts";
import { type ChainSource, type ChainStream, checkAnchor, checkChain } from "./chain.ts";
import { checkEvent, type EventContext, type OpenPayload, seenBefore } from "./check-event.ts";
import { checkBatch, checkCheckpoint } from "./check-heads.ts";
import { EntryCheck } from "./fault.ts";
import { type KeyHistory, keyDifference, keyName, ListedKeys, ToldKeys } from "./keys.ts";
import type { ArchiveRow, CheckpointRow, EventRow, ServiceKeyRow, StreamRow } from "./rows.ts";
import type { LogSource } from "./source.ts";
import { TileWalk, tileDifference } from "./tiles.ts";

/** Events read at once. */
const CHUNK = 1_024;

export interface StreamReport {
  /** 0x hex. */
  readonly stream: string;
  readonly events: bigint;
  /** Payloads opened and hashed; the others were erased or archived, or there was no key to open them with. */
  readonly payloads: bigint;
  readonly erased: bigint;
  /** Payloads that were moved to files, which have their own check; all else of their events was checked here. */
  readonly archived: bigint;
  readonly checkpoints: bigint;
  readonly tiles: bigint;
  readonly batches: bigint;
  /** Batches found on the chain; undefined without a chain. */
  readonly anchored: bigint | undefined;
}

export interface StreamCheckOptions {
  readonly source: LogSource;
  readonly chain: ChainSource | undefined;
  readonly open: OpenPayload | undefined;
  readonly logName: string | undefined;
  readonly serviceKeys: readonly ServiceKeyRow[];
  /** Gets how many events were checked, now and then. */
  readonly onProgress: (stream: string, events: bigint, of: bigint) => void;
}

/** Checks one stream from its first event to its head, in order. It holds a chunk of rows and one batch's leaves in memory. */
export class StreamCheck {
  readonly #options: StreamCheckOptions;
  readonly #row: StreamRow;
  readonly #key: StreamKey;
  readonly #id: string;
  readonly #walk = new TileWalk();
  readonly #borrowed = new Map<string, Uint8Array>();
  #keys: KeyHistory = new ToldKeys();
  #archives: readonly ArchiveRow[] = [];
  #chain: ChainStream | undefined;
  #log: LogFrontier = EMPTY_LOG;
  #last: bigint = 0n;
  #time = 0n;
  #checkpoints: CheckpointRow[] = [];
  #checkpointed = 0n;
  #previous: BatchRow | undefined;
  #batch: BatchRow | undefined;
  #leaves: Uint8Array = new Uint8Array();
  #facts: FactsRow[] = [];
  #counts = { payloads: 0n, erased: 0n, archived: 0n, checkpoints: 0n, batches: 0n, anchored: 0n };

  constructor(row: StreamRow, options: StreamCheckOptions) {
    this.#options = options;
    this.#row = row;
    this.#key = { tenant: row.tenant_id, store: row.store_id };
    this.#id = toHex(row.stream_id);
  }

  /** @throws FaultFound at the first entry that does not hold. */
  async run(): Promise<StreamReport> {
    const { source, chain, onProgress } = this.#options;
    const check = new EntryCheck(this.#id, "stream", this.#id);
    const id = check.run("stream_id", () => streamId(this.#key.tenant, this.#key.store));
    check.require(equalBytes(id, this.#row.stream_id), "stream_id", `its tenant and store give ${toHex(id)}`);
    await this.#begin();
    if (chain !== undefined) {
      this.#chain = await chain.stream(this.#id);
      if (this.#chain !== undefined) checkChain(this.#id, this.#chain);
    }
    for (;;) {
      const rows = await source.events(this.#key, this.#last + 1n, CHUNK);
      if (rows.length === 0) break;
      await this.#chunk(rows);
      onProgress(this.#id, this.#last, this.#row.head);
    }
    check.require(
      this.#last === this.#row.head,
      "head",
      `it is ${this.#row.head}, and the last event is ${this.#last}`,
    );
    await this.#end();
    const { payloads, erased, archived, checkpoints, batches, anchored } = this.#counts;
    return {
      stream: this.#id,
      events: this.#last,
      payloads,
      erased,
      archived,
      checkpoints,
      tiles: (await source.counts(this.#key)).tiles,
      batches,
      anchored: chain === undefined ? undefined : anchored,
    };
  }

  async #begin(): Promise<void> {
    const { source, open, serviceKeys } = this.#options;
    this.#archives = await source.archives(this.#key);
    if (open === undefined)
      this.#keys = new ListedKeys(await source.agentKeys(this.#key), serviceKeys, this.#origin ?? "");
    await this.#nextBatch();
  }

  get #origin(): string | undefined {
    const { logName } = this.#options;
    return logName === undefined ? undefined : `${logName}/${this.#id.slice(2)}`;
  }

  async #chunk(rows: readonly EventRow[]): Promise<void> {
    const { source, open } = this.#options;
    const seen = seenBefore(await source.earlier(this.#key, this.#last + 1n, rows));
    const context: EventContext = {
      stream: this.#id,
      ...this.#key,
      keys: this.#keys,
      receiptKey: (id) => this.#keys.receiptKey(id) ?? this.#borrow("receipt", id),
      open,
      isArchived: (sequence) => this.#archives.some((row) => isWithin(row, sequence)),
      ...seen,
    };
    for (const row of rows) {
      const state = await checkEvent(context, row, this.#last + 1n, this.#time);
      if (state === "checked") this.#counts.payloads += 1n;
      if (state === "erased") this.#counts.erased += 1n;
      if (state === "archived") this.#counts.archived += 1n;
      this.#last += 1n;
      this.#time = row.sequenced_at;
      this.#log = appendToLog(this.#log, [row.leaf]);
      for (const tile of this.#walk.append(row.leaf)) await this.#checkTile(tile);
      await this.#checkHead();
      await this.#feedBatch(row);
    }
  }

  /** A service key that the stream's events have not named yet: believed for now, and held to what they say later. */
  #borrow(purpose: string, id: number): Uint8Array | undefined {
    const row = this.#options.serviceKeys.find((key) => key.purpose === purpose && key.key_id === id);
    if (row !== undefined) this.#borrowed.set(`${purpose}/${id}`, row.public_key);
    return row?.public_key;
  }

  async #checkTile(due: ReturnType<TileWalk["append"]>[number]): Promise<void> {
    const check = new EntryCheck(this.#id, "tile", `${due.level}/${due.index}`);
    const stored = await this.#options.source.tile(this.#key, due.level, due.index);
    // The newest tiles are written with the next checkpoint.
    if (stored === undefined) return;
    const wrong = tileDifference(due, stored.hashes);
    if (wrong !== undefined) check.fault("hashes", `hash ${wrong} is not the one that its leaves give`);
  }

  async #checkHead(): Promise<void> {
    const { source } = this.#options;
    if (this.#checkpoints.length === 0)
      this.#checkpoints = await source.checkpoints(this.#key, this.#last - 1n, CHUNK);
    const [next] = this.#checkpoints;
    if (next === undefined || next.size !== this.#last) return;
    checkCheckpoint({ stream: this.#id, origin: this.#origin, keys: this.#noteKeys() }, next, this.#log);
    this.#counts.checkpoints += 1n;
    this.#checkpoints.shift();
    this.#checkpointed = this.#last;
  }

  /** Keys that may have signed a checkpoint: those the stream named, and those it is about to name. */
  #noteKeys(): VerifierKey[] {
    const [first] = this.#keys.checkpointKeys;
    if (first === undefined) return [];
    const listed = this.#options.serviceKeys
      .filter(({ purpose }) => purpose === "checkpoint")
      .map(({ public_key }) => ({ ...first, publicKey: public_key }));
    const told = this.#keys.checkpointKeys;
    const fresh = listed.filter(({ publicKey }) => !told.some((key) => equalBytes(key.publicKey, publicKey)));
    return [...told, ...fresh];
  }

  async #nextBatch(): Promise<void> {
    const batch = await this.#options.source.nextBatch(this.#key, this.#previous?.batchIndex ?? 0n);
    this.#batch = batch;
    if (batch === undefined) return;
    const check = new EntryCheck(this.#id, "batch", batch.batchIndex);
    const index = (this.#previous?.batchIndex ?? 0n) + 1n;
    const start = (this.#previous?.endSequence ?? 0n) + 1n;
    check.require(batch.batchIndex === index, "batch_index", `expected ${index}, got ${batch.batchIndex}`);
    check.require(
      batch.startSequence === start,
      "start_sequence",
      `expected ${start}, got ${batch.startSequence}`,
    );
    const count = batch.endSequence - start + 1n;
    check.require(count >= 1n && count <= 2n ** 18n, "end_sequence", `it gives ${count} events`);
    check.require(batch.endSequence <= this.#row.head, "end_sequence", "it is above the stream's head");
    this.#leaves = new Uint8Array(Number(count) * 32);
    this.#facts = [];
  }

  async #feedBatch(row: EventRow): Promise<void> {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#leaves.set(row.leaf, Number(row.sequence - batch.startSequence) * 32);
    if (row.facts_commitment !== null)
      this.#facts.push({
        sequence: row.sequence,
        agentId: row.source_agent_id,
        factsCommitment: row.facts_commitment,
      });
    if (row.sequence !== batch.endSequence) return;
    const check = new EntryCheck(this.#id, "batch", batch.batchIndex);
    const input = {
      ...this.#key,
      previous: stateAfter(this.#previous),
      leaves: this.#leaves,
      facts: this.#facts,
    };
    checkBatch(
      this.#id,
      batch,
      check.run("facts_root", () => computeBatch(input)),
    );
    this.#counts.batches += 1n;
    await this.#checkAnchor(batch);
    this.#previous = batch;
    await this.#nextBatch();
  }

  async #checkAnchor(batch: BatchRow): Promise<void> {
    const { chain, source } = this.#options;
    if (chain === undefined) return;
    const onChain = this.#chain?.batches[Number(batch.batchIndex) - 1];
    const row = await source.anchor(this.#key, batch.batchIndex, chain.registry);
    if (checkAnchor(this.#id, batch, onChain, row)) this.#counts.anchored += 1n;
  }

  /** What is there beyond the last event, and what was believed before it was told. */
  async #end(): Promise<void> {
    const { source } = this.#options;
    const [beyond] = await source.checkpoints(this.#key, this.#last, 1);
    if (beyond !== undefined)
      new EntryCheck(this.#id, "checkpoint", beyond.size).fault("size", `the log has ${this.#last} events`);
    await this.#checkCounts();
    const known = this.#previous?.batchIndex ?? 0n;
    if (this.#chain !== undefined && this.#chain.head.batchIndex > known)
      new EntryCheck(this.#id, "anchor", this.#chain.head.batchIndex).fault(
        "head",
        `the chain has ${this.#chain.head.batchIndex} batches, and this log ${known}: its end is missing`,
      );
    for (const [name, key] of this.#borrowed) {
      const told = this.#keys.receiptKey(Number(name.split("/")[1]));
      if (told === undefined || !equalBytes(told, key))
        new EntryCheck(this.#id, "key", name).fault("public_key", "no event of the stream names it");
    }
    await this.#checkKeyTable();
  }

  /** Rows that no look along the stream came by. */
  async #checkCounts(): Promise<void> {
    const counts = await this.#options.source.counts(this.#key);
    const least = tilesUpTo(this.#checkpointed);
    const check = (kind: "event" | "tile" | "checkpoint" | "batch") => new EntryCheck(this.#id, kind, "-");
    const tell = (got: bigint, expected: bigint) => `there are ${got} rows, and the log gives ${expected}`;
    const { events, tiles, checkpoints, batches } = counts;
    check("event").require(events === this.#last, "sequence", tell(events, this.#last));
    check("tile").require(tiles <= this.#walk.count, "tile_index", tell(tiles, this.#walk.count));
    check("tile").require(
      tiles >= least,
      "tile_index",
      `there are ${tiles}, and the newest checkpoint needs ${least}`,
    );
    const counted = this.#counts;
    check("checkpoint").require(
      checkpoints === counted.checkpoints,
      "size",
      tell(checkpoints, counted.checkpoints),
    );
    check("batch").require(batches === counted.batches, "batch_index", tell(batches, counted.batches));
  }

  async #checkKeyTable(): Promise<void> {
    const expected = this.#keys.expectedRows();
    if (expected === undefined) return;
    const rows = await this.#options.source.agentKeys(this.#key);
    for (const row of rows) {
      const name = keyName(row.agent_id, row.key_id);
      const check = new EntryCheck(this.#id, "key", name);
      const told = expected.get(name);
      if (told === undefined) return check.fault("key_id", "no event of the stream registers it");
      const difference = keyDifference(told, row);
      if (difference !== undefined) check.fault(...difference);
    }
    if (rows.length < expected.size)
      new EntryCheck(this.#id, "key", "-").fault(
        "key_id",
        `${expected.size - rows.length} registered keys are not there`,
      );
  }
}

const isWithin = ({ start_sequence, end_sequence }: ArchiveRow, sequence: bigint): boolean =>
  start_sequence <= sequence && sequence <= end_sequence;

/** Complete tiles, of all levels, of a log of this size. */
function tilesUpTo(size: bigint): bigint {
  const wide = size / BigInt(TILE_WIDTH);
  return wide === 0n ? 0n : wide + tilesUpTo(wide);
}
