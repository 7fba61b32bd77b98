import { InputError, RefusedError } from "../../core/errors.ts";
import type { Receipt } from "../../core/log/index.ts";
import type { Sealer } from "../at-rest/index.ts";
import type { Database } from "../store/index.ts";
import type { StreamKey } from "../tree/index.ts";
import {
  EVENT_COLUMNS,
  type EventJson,
  type EventRow,
  eventJson,
  type Missing,
  payloadAtRestAad,
  receiptOf,
} from "./event-row.ts";

/** Opens what is kept at rest. */
export type Opener = Pick<Sealer, "open">;

/** An event as the log answers it. */
export interface LoggedEvent {
  readonly sequence: bigint;
  readonly event: EventJson;
  readonly receipt: Receipt;
  /** How many events of its entity the stream had then, this one included. */
  readonly entityVersion: bigint;
}

/** A part of a stream. */
export interface Page {
  readonly events: readonly LoggedEvent[];
  /** Where the next part begins; undefined at the end. */
  readonly next: bigint | undefined;
}

/** Events asked for from `from` on, at most `limit` of them. */
export interface Range {
  /** For a stream a sequence number, for an entity a version; from 1. */
  readonly from: bigint;
  readonly limit: number;
}

/** Most events in one answer. */
export const MOST_EVENTS = 1_000;
const PAGE_BYTES = 16 * 2 ** 20;

/** Reads streams' events; tenants are kept apart by the database. */
export class EventReader {
  readonly #database: Database;
  readonly #opener: Opener;
  readonly #pageBytes: number;

  /** @param pageBytes Bytes of payloads after which an answer ends early. */
  constructor(database: Database, opener: Opener, pageBytes = PAGE_BYTES) {
    this.#database = database;
    this.#opener = opener;
    this.#pageBytes = pageBytes;
  }

  /** The event at a sequence number. */
  async at(stream: StreamKey, sequence: bigint): Promise<LoggedEvent | undefined> {
    return this.#one(stream, "AND sequence = $3", sequence);
  }

  async byId(stream: StreamKey, eventId: string): Promise<LoggedEvent | undefined> {
    return this.#one(stream, "AND event_id = $3", eventId);
  }

  /** The receipt of an event, without opening anything. */
  async receipt(stream: StreamKey, eventId: string): Promise<Receipt | undefined> {
    const [row] = await this.#rows(stream, "AND event_id = $3", [eventId]);
    return row === undefined ? undefined : receiptOf(row);
  }

  /** Which event has a place, and whose it is. */
  async placeOf(
    stream: StreamKey,
    sequence: bigint,
  ): Promise<{ readonly eventId: string; readonly agent: string } | undefined> {
    const [row] = await this.#database.transaction(stream.tenant, (sql) =>
      sql.query<{ eventId: string; agent: string }>(
        `SELECT event_id AS "eventId", source_agent_id AS agent FROM proofx.events
         WHERE tenant_id = $1 AND store_id = $2 AND sequence = $3`,
        [stream.tenant, stream.store, sequence],
      ),
    );
    return row;
  }

  /** A stream's events in their order. @throws InputError for a limit that is not 1 to 1,000. */
  async range(stream: StreamKey, { from, limit }: Range): Promise<Page> {
    return await this.#page(stream, "AND sequence >= $3", "sequence", limit, [from]);
  }

  /** An entity's events in their order; `from` is the entity's version. @throws as `range`. */
  async ofEntity(stream: StreamKey, type: string, id: string, { from, limit }: Range): Promise<Page> {
    const where = "AND entity_type = $3 AND entity_id = $4 AND entity_version >= $5";
    return await this.#page(stream, where, "entity_version", limit, [type, id, from]);
  }

  async #one(stream: StreamKey, where: string, value: bigint | string): Promise<LoggedEvent | undefined> {
    const [row] = await this.#rows(stream, where, [value]);
    return row === undefined ? undefined : await this.#open(row);
  }

  #rows(stream: StreamKey, where: string, values: readonly (bigint | string)[]): Promise<EventRow[]> {
    return this.#database.transaction(stream.tenant, (sql) =>
      sql.query<EventRow>(
        `SELECT ${EVENT_COLUMNS} FROM proofx.events WHERE tenant_id = $1 AND store_id = $2 ${where}`,
        [stream.tenant, stream.store, ...values],
      ),
    );
  }

  /** Reads one row more than asked for, so that it is known whether others follow; ends early when payloads are large. */
  async #page(
    stream: StreamKey,
    where: string,
    order: "sequence" | "entity_version",
    limit: number,
    values: readonly (bigint | string)[],
  ): Promise<Page> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_EVENTS)
      throw InputError.expected("limit", `1 to ${MOST_EVENTS}`, limit);
    const rows = await this.#database.transaction(stream.tenant, (sql) =>
      sql.query<EventRow & { readonly asked: bigint }>(
        `SELECT ${EVENT_COLUMNS}, asked FROM (
           SELECT *, count(*) OVER () AS asked,
             sum(length(payload)) OVER (ORDER BY ${order}) - length(payload) AS bytes_before
           FROM (
             SELECT ${EVENT_COLUMNS} FROM proofx.events WHERE tenant_id = $1 AND store_id = $2 ${where}
             ORDER BY ${order} LIMIT $${values.length + 3}
           ) AS page
         ) AS counted WHERE bytes_before <= $${values.length + 4} ORDER BY ${order}`,
        [stream.tenant, stream.store, ...values, limit + 1, this.#pageBytes],
      ),
    );
    const events: LoggedEvent[] = [];
    for (const row of rows.slice(0, limit)) events.push(await this.#open(row));
    const last = rows[events.length - 1];
    const isLast = last === undefined || BigInt(events.length) === last.asked;
    return { events, next: isLast ? undefined : last[order] + 1n };
  }

  async #open(row: EventRow): Promise<LoggedEvent> {
    const content = await this.#content(row);
    return {
      sequence: row.sequence,
      event: eventJson(row, content),
      receipt: receiptOf(row),
      entityVersion: row.entity_version,
    };
  }

  async #content(row: EventRow): Promise<Uint8Array | Missing> {
    if (row.payload.length === 0) return "archived";
    try {
      return await this.#opener.open({ tenant: row.tenant_id, aad: payloadAtRestAad(row) }, row.payload);
    } catch (error) {
      if (error instanceof RefusedError) return "erased";
      throw error;
    }
  }
}
