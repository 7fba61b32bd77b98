import type { VesEvent } from "../../core/log/index.ts";
import type { Sql } from "../store/index.ts";
import type { Refusal } from "./refusal.ts";

/** What a tenant's schemas say of an event. */
export interface SchemaVerdict {
  /** Which state of the tenant's schemas said so: how many were ever set. */
  readonly epoch: bigint;
  readonly refusal: Refusal | undefined;
}

/** Holds payloads to their tenant's schemas. */
export interface SchemaJudge {
  /** By the schemas as they were last read. */
  judge(event: VesEvent): Promise<SchemaVerdict>;
  /** By the schemas as this transaction sees them, when their epoch moved. */
  judgeAgain(sql: Sql, event: VesEvent, epoch: bigint): Promise<SchemaVerdict>;
}
