import type { Receipt } from "../../core/log/index.ts";
import { type ElementType, type Sql, SqlList } from "../store/index.ts";
import type { CheckedEvent } from "./check.ts";
import type { LockedStream } from "./stream-state.ts";

/** An event with all that its row holds. */
export interface Row {
  readonly checked: CheckedEvent;
  /** At rest. */
  readonly sealed: Uint8Array;
  /** 32 bytes. */
  readonly leaf: Uint8Array;
  readonly entityVersion: bigint;
  readonly receipt: Receipt;
}

type Column = readonly [type: ElementType, cell: (row: Row) => SqlList["items"][number]];

/** Columns in the order of `append_events`' parameters. */
const COLUMNS: readonly Column[] = [
  ["uuid", ({ checked }) => checked.event.eventId],
  ["int2", ({ checked }) => checked.event.vesVersion],
  ["uuid", ({ checked }) => checked.event.sourceAgentId],
  ["int8", ({ checked }) => checked.event.agentKeyId],
  ["text", ({ checked }) => checked.event.entityType],
  ["text", ({ checked }) => checked.event.entityId],
  ["text", ({ checked }) => checked.event.eventType],
  ["text", ({ checked }) => checked.event.createdAt],
  ["uuid", ({ checked }) => checked.event.commandId ?? null],
  ["text", ({ checked }) => checked.event.baseVersion?.toString() ?? null],
  ["bytea", ({ checked }) => checked.event.factsCommitment ?? null],
  ["int2", ({ checked }) => checked.event.payloadKind],
  ["bytea", ({ sealed }) => sealed],
  ["bytea", ({ checked }) => checked.event.payloadPlainHash],
  ["bytea", ({ checked }) => checked.event.payloadCipherHash],
  ["bytea", ({ checked }) => checked.event.agentSignature],
  ["bytea", ({ checked }) => checked.signingHash],
  ["bytea", ({ leaf }) => leaf],
  ["int8", ({ entityVersion }) => entityVersion],
  ["int8", ({ receipt }) => receipt.sequencedAt],
  ["int4", ({ receipt }) => receipt.receiptKeyId],
  ["bytea", ({ receipt }) => receipt.receiptSignature],
];

const APPEND = `SELECT proofx.append_events(${Array.from({ length: COLUMNS.length + 3 }, (_, index) => `$${index + 1}`).join(", ")})`;

/** Appends rows right after the stream's head; all or none. */
export async function appendRows(sql: Sql, stream: LockedStream, rows: readonly Row[]): Promise<void> {
  const columns = COLUMNS.map(([type, cell]) => new SqlList(type, rows.map(cell)));
  await sql.query(APPEND, [stream.tenant, stream.store, stream.head + 1n, ...columns]);
}
