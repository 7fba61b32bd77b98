import { equalBytes } from "../../core/bytes.ts";
import { CheckError, InputError } from "../../core/errors.ts";
import {
  checkpointText,
  type LogFrontier,
  logRoot,
  type NoteSigner,
  noteText,
  openCheckpoint,
  SIGNATURE_TYPE,
  signNote,
  streamId,
} from "../../core/log/index.ts";
import type { Database, Sql } from "../store/index.ts";
import {
  checkpointOfSize,
  insertCheckpoint,
  latestCheckpoint,
  type PublishedCheckpoint,
} from "./checkpoint-rows.ts";
import { type Edge, EMPTY_EDGE, extendEdge, frontierOf } from "./edge.ts";
import { loadEdge } from "./load-edge.ts";
import type { LogReader } from "./log-reader.ts";
import { checkpointOrigin } from "./origin.ts";
import { readLeaves, type StreamKey, writeTiles } from "./tile-rows.ts";

/** What signs checkpoints; neither it nor what gives it may ask the database, as it is called within a transaction. */
export interface CheckpointSigner {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

export interface CheckpointerParts {
  /** As the API's role. */
  readonly database: Database;
  readonly reader: LogReader;
  /** Begins the origin line of every stream's checkpoints. */
  readonly logName: string;
  /** The key that signs now. */
  readonly signer: () => Promise<CheckpointSigner>;
  /** All public keys that ever signed, 32 bytes each: what they signed still holds. */
  readonly publicKeys: () => Promise<readonly Uint8Array[]>;
  readonly now?: () => number;
}

/** Gets a checkpoint that was not there before. */
export type PublishListener = (stream: StreamKey, checkpoint: PublishedCheckpoint) => void;

/** What this process saw published last of a stream. */
interface Seen {
  readonly size: bigint;
  readonly root: Uint8Array;
}

/**
 * Publishes streams' heads as signed checkpoints. Several processes may: one at a time works on a stream.
 *
 * It never signs what contradicts a checkpoint that is stored, or that it saw before: a smaller size, or another root for a
 * size. A database that went back to an older state is therefore found out, and nothing is signed until it is put right.
 */
export class Checkpointer {
  readonly #parts: CheckpointerParts;
  readonly #seen = new Map<string, Seen>();

  #published: PublishListener = () => {};

  constructor(parts: CheckpointerParts) {
    this.#parts = parts;
  }

  /** Tells of every checkpoint that this process publishes from now on, whoever asked for it. */
  onPublished(listener: PublishListener): void {
    this.#published = listener;
  }

  /**
   * Publishes the stream's head unless it is published already, or somebody else is at it.
   *
   * @returns The newest checkpoint there is then; undefined for an empty stream.
   * @throws CheckError when what is stored contradicts itself or what was signed before; InputError for no such stream.
   */
  async publish(stream: StreamKey): Promise<PublishedCheckpoint | undefined> {
    const { database, reader } = this.#parts;
    const result = await database.transaction(stream.tenant, (sql) => this.#publish(sql, stream));
    // Only what is committed counts as seen.
    if (result.edge !== undefined) reader.learn(stream, result.edge);
    if (result.checkpoint !== undefined) this.#see(stream, result.checkpoint);
    if (result.checkpoint !== undefined && result.edge !== undefined)
      this.#published(stream, result.checkpoint);
    return result.checkpoint;
  }

  async #publish(
    sql: Sql,
    stream: StreamKey,
  ): Promise<{ checkpoint: PublishedCheckpoint | undefined; edge?: Edge }> {
    const mine = await tryLock(sql, stream);
    const latest = await latestCheckpoint(sql, stream);
    const head = await readHead(sql, stream);
    await this.#requireGoingOn(sql, stream, latest, head);
    if (!mine || head === (latest?.size ?? 0n)) return { checkpoint: latest };
    const before = await this.#edgeOf(sql, stream, latest);
    const edge = await writeUpTo(sql, stream, before, Number(head));
    const checkpoint = await this.#signed(stream, frontierOf(edge));
    await insertCheckpoint(sql, stream, checkpoint);
    return { checkpoint, edge };
  }

  /** The edge that goes on from the newest checkpoint, of which everything is checked before it is built on. */
  async #edgeOf(sql: Sql, stream: StreamKey, latest: PublishedCheckpoint | undefined): Promise<Edge> {
    if (latest === undefined) return EMPTY_EDGE;
    const size = Number(latest.size);
    const edge = this.#parts.reader.edgeAt(stream, size) ?? (await loadEdge(sql, stream, size));
    if (!equalBytes(logRoot(frontierOf(edge)), latest.root))
      throw contradiction(stream, `the tiles do not give the root of the checkpoint of size ${latest.size}`);
    await this.#requireOurs(stream, latest);
    return edge;
  }

  async #requireGoingOn(
    sql: Sql,
    stream: StreamKey,
    latest: PublishedCheckpoint | undefined,
    head: bigint,
  ): Promise<void> {
    const size = latest?.size ?? 0n;
    if (head < size)
      throw contradiction(stream, `a checkpoint has size ${size}, and there are ${head} events`);
    const seen = this.#seen.get(keyOf(stream));
    if (seen === undefined) return;
    const stored = size === seen.size ? latest : await checkpointOfSize(sql, stream, seen.size);
    if (stored === undefined)
      throw contradiction(stream, `size ${seen.size} was published, and its checkpoint is gone`);
    if (!equalBytes(stored.root, seen.root))
      throw contradiction(stream, `another root was published for size ${seen.size}`);
  }

  /** The stored note must say what its row says, under one of our keys. */
  async #requireOurs(stream: StreamKey, latest: PublishedCheckpoint): Promise<void> {
    const { publicKeys, logName } = this.#parts;
    const origin = checkpointOrigin(logName, stream);
    const keys = (await publicKeys()).map((publicKey) => ({
      name: origin,
      publicKey,
      type: SIGNATURE_TYPE.note,
    }));
    const { size, root } = openCheckpoint(latest.note, keys, origin);
    if (size !== latest.size || !equalBytes(root, latest.root))
      throw contradiction(stream, `the checkpoint of size ${latest.size} is not what its note says`);
  }

  async #signed(stream: StreamKey, frontier: LogFrontier): Promise<PublishedCheckpoint> {
    const { logName, now = Date.now } = this.#parts;
    const { publicKey, sign } = await this.#parts.signer();
    const origin = checkpointOrigin(logName, stream);
    const { size } = frontier;
    const root = logRoot(frontier);
    const signer: NoteSigner = { name: origin, publicKey, sign };
    const note = noteText(await signNote(checkpointText({ origin, size, root }), [signer]));
    return { size, root, note, frontier, createdAt: BigInt(now()) };
  }

  #see(stream: StreamKey, { size, root }: Seen): void {
    const seen = this.#seen.get(keyOf(stream));
    if (seen === undefined || seen.size <= size) this.#seen.set(keyOf(stream), { size, root });
  }
}

/** Holds the stream's place for checkpoints until the transaction ends; false when another has it. */
async function tryLock(sql: Sql, { tenant, store }: StreamKey): Promise<boolean> {
  const id = streamId(tenant, store);
  const number = new DataView(id.buffer, id.byteOffset).getBigInt64(0);
  const [row] = await sql.query<{ mine: boolean }>("SELECT pg_try_advisory_xact_lock($1::bigint) AS mine", [
    number,
  ]);
  return row?.mine === true;
}

async function readHead(sql: Sql, { tenant, store }: StreamKey): Promise<bigint> {
  const [row] = await sql.query<{ head: bigint }>(
    "SELECT head FROM streams WHERE tenant_id = $1 AND store_id = $2",
    [tenant, store],
  );
  if (row === undefined) throw InputError.expected("store", "an open stream", store);
  return row.head;
}

async function writeUpTo(sql: Sql, stream: StreamKey, before: Edge, head: number): Promise<Edge> {
  let edge = before;
  for await (const leaves of readLeaves(sql, stream, before.size, head)) {
    const extension = extendEdge(edge, leaves);
    await writeTiles(sql, stream, extension.complete);
    edge = extension.edge;
  }
  return edge;
}

function contradiction({ store }: StreamKey, what: string): CheckError {
  return new CheckError(`no checkpoint is signed for store ${store}: ${what}`, {
    next: "the database is not what it was; restore a backup that has what was published",
  });
}

const keyOf = ({ tenant, store }: StreamKey): string => `${tenant}/${store}`;
