import type { Receipt } from "../../core/log/index.ts";
import type { Sql, SqlValue } from "../store/index.ts";
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

type Cell = Exclude<SqlValue, readonly unknown[]>;

/** Columns in the order of `append_events`' parameters. */
const COLUMNS: readonly ((row: Row) => Cell)[] = [
  ({ checked }) => checked.event.eventId,
  ({ checked }) => checked.event.vesVersion,
  ({ checked }) => checked.event.sourceAgentId,
  ({ checked }) => checked.event.agentKeyId,
  ({ checked }) => checked.event.entityType,
  ({ checked }) => checked.event.entityId,
  ({ checked }) => checked.event.eventType,
  ({ checked }) => checked.event.createdAt,
  ({ checked }) => checked.event.commandId ?? null,
  ({ checked }) => checked.event.baseVersion?.toString() ?? null,
  ({ checked }) => checked.event.factsCommitment ?? null,
  ({ checked }) => checked.event.payloadKind,
  ({ sealed }) => sealed,
  ({ checked }) => checked.event.payloadPlainHash,
  ({ checked }) => checked.event.payloadCipherHash,
  ({ checked }) => checked.event.agentSignature,
  ({ checked }) => checked.signingHash,
  ({ leaf }) => leaf,
  ({ entityVersion }) => entityVersion,
  ({ receipt }) => receipt.sequencedAt,
  ({ receipt }) => receipt.receiptKeyId,
  ({ receipt }) => receipt.receiptSignature,
];

const APPEND = `SELECT proofx.append_events(${Array.from({ length: COLUMNS.length + 3 }, (_, index) => `$${index + 1}`).join(", ")})`;

/** Appends rows right after the stream's head; all or none. */
export async function appendRows(sql: Sql, stream: LockedStream, rows: readonly Row[]): Promise<void> {
  const columns = COLUMNS.map((cell) => rows.map(cell));
  await sql.query(APPEND, [stream.tenant, stream.store, stream.head + 1n, ...columns]);
}
