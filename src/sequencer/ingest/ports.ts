import type { Json } from "../../core/json.ts";
import type { Receipt } from "../../core/log/index.ts";
import type { Sealer } from "../at-rest/index.ts";
import type { Sql } from "../store/index.ts";

/** Seals what is kept at rest. */
export type RecordSealer = Pick<Sealer, "prepare" | "seal" | "forget">;

/** Who sends an event: a credential's tenant and, when it is bound to one, its agent. UUIDs. */
export interface Caller {
  readonly tenant: string;
  readonly agentId?: string | undefined;
}

/** An event's place in the log, which is on disk. */
export interface Accepted {
  readonly receipt: Receipt;
  readonly sequence: bigint;
  /** How many events of its entity the stream has, this one included. */
  readonly entityVersion: bigint;
  /** Whether the very same event had its place before. */
  readonly duplicate: boolean;
}

/** An event that the log writes itself. */
export interface OwnDraft {
  /** `proofx.key` and the like. */
  readonly entityType: string;
  readonly entityId: string;
  readonly eventType: string;
  readonly payload: Json;
}

/** What belongs to an own event, written in its transaction after it; throwing undoes both. */
export type Effect = (sql: Sql, sequence: bigint) => Promise<void>;

/** Appends an own event within a transaction. @throws Refusal when the tenant has no such stream. */
export type AppendOwn = (storeId: string, draft: OwnDraft) => Promise<Accepted>;

/** The one way into the log. */
export interface Ingest {
  /**
   * Checks an agent's event and appends it to a stream. Resolves once it is on disk.
   *
   * @param storeId The stream's, UUID.
   * @param json The event as `parseEvent` reads it.
   * @throws Refusal and nothing else; for every code but `unavailable` the event has no place in the log.
   */
  submit(caller: Caller, storeId: string, json: unknown): Promise<Accepted>;

  /** Appends an event of the log's own, signed by the registrar. @throws Refusal; whatever `effect` throws. */
  appendOwn(tenant: string, storeId: string, draft: OwnDraft, effect?: Effect): Promise<Accepted>;

  /**
   * Opens a stream with its first event, which names the keys that sign for the log in it.
   *
   * @returns false when it was open.
   */
  openStream(tenant: string, storeId: string): Promise<boolean>;

  /**
   * Runs work of the log's own in one transaction, which may append to several streams of a tenant; they are to be taken in the
   * order of their ids, lest two wait for each other.
   */
  ownTransaction<T>(tenant: string, work: (sql: Sql, append: AppendOwn) => Promise<T>): Promise<T>;

  /** Takes nothing more and waits for what it took. */
  close(): Promise<void>;
}

/** What one process takes on. */
export interface IngestLimits {
  /** Most events of a stream in one transaction. */
  readonly groupEvents: number;
  /** Most bytes of payloads in one transaction. */
  readonly groupBytes: number;
  /** Events that may be under way at a time, in all streams; a tenant has at most half of them while another one waits. */
  readonly waitingEvents: number;
  /** Bytes of payloads that may be under way at a time, shared in the same way. */
  readonly waitingBytes: number;
  /** Bytes of one payload. */
  readonly payloadBytes: number;
  /** Transactions at a time. */
  readonly transactions: number;
  /** How long a group is tried again when the database failed under it, milliseconds. */
  readonly patience: number;
}

export const INGEST_LIMITS: IngestLimits = {
  groupEvents: 512,
  groupBytes: 16 * 2 ** 20,
  waitingEvents: 8192,
  waitingBytes: 128 * 2 ** 20,
  payloadBytes: 2 ** 20,
  transactions: 6,
  patience: 8_000,
};
