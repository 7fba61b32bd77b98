import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { hexField, textField, uuidField } from "../../../core/json.ts";
import { receiptToJson } from "../../../core/log/index.ts";
import { isU64, U64_FORM } from "../../../core/u64.ts";
import type { Permission, RateGroup } from "../../../sequencer/auth/index.ts";
import { findStream, type LoggedEvent, MOST_EVENTS } from "../../../sequencer/read/index.ts";
import type { Database } from "../../../sequencer/store/index.ts";
import type { StreamKey } from "../../../sequencer/tree/index.ts";
import { Problem, problemBody } from "../../support/problem.ts";
import type { Guard } from "../authenticate.ts";

/** Answers that every route may give. */
export const refusals = { "4xx": problemBody, "5xx": problemBody } as const;

/** Sequence numbers, sizes and the like in a path or query: at most what the database's integers hold. */
export const sequenceText = z
  .string({ error: U64_FORM })
  .refine((text) => isU64(text) && BigInt(text) < 2n ** 63n, { error: "a decimal number below 2^63" })
  .transform(BigInt);

/** In an answer: a u64 in decimal. */
export const decimal = z.string().meta({ description: "decimal" });
/** In an answer: `0x` and lower-case digits. */
export const hex = z.string().meta({ description: "0x and lower-case hex digits" });

/** 32 bytes in hex in a request's body. */
export const hash = hexField(32);

/** A name in a path: the database's texts hold everything but U+0000. */
export const nameText = textField.refine((text) => !text.includes("\0"), { error: "text without U+0000" });

export const storePath = z.object({ store: uuidField });
export const limitText = z
  .string()
  .regex(/^\d{1,4}$/, { error: `1 to ${MOST_EVENTS}` })
  .transform(Number)
  .refine((limit) => limit >= 1 && limit <= MOST_EVENTS, { error: `1 to ${MOST_EVENTS}` });
export const rangeQuery = z.object({
  from: sequenceText.optional().meta({ description: "where it begins; at the beginning without it" }),
  limit: limitText.optional().meta({ description: `at most so many, up to ${MOST_EVENTS}; 100 without it` }),
});
export const DEFAULT_LIMIT = 100;

export const receiptBody = z
  .object({
    event_id: z.string(),
    tenant_id: z.string(),
    store_id: z.string(),
    sequence_number: decimal,
    sequenced_at: z.string().meta({ description: "RFC 3339, UTC, milliseconds" }),
    signing_hash: hex,
    receipt_hash: hex,
    receipt_key_id: z.int(),
    receipt_signature: hex,
  })
  .meta({ id: "Receipt", description: "The log's signed word that an event has its place" });

export const loggedEventBody = z
  .object({
    event: z.unknown().meta({
      description:
        "The event as its agent signed it, with sequence_number; payload_erased or payload_archived instead of a payload that is gone",
    }),
    receipt: receiptBody,
    entity_version: decimal,
  })
  .meta({ id: "LoggedEvent" });

/** An event as it is answered, here and by a tail. */
export function loggedEventJson({ event, receipt, entityVersion }: LoggedEvent) {
  return {
    event,
    receipt: receiptToJson(receipt) as z.input<typeof receiptBody>,
    entity_version: String(entityVersion),
  };
}

/** What a route needs to be guarded, and how its document says so. */
export function guarded(access: Guard, permission: Permission, group: RateGroup) {
  return {
    onRequest: access.require(permission, group),
    about: { security: [{ bearer: [] }], description: `Permission ${permission}; rate of ${group}.` },
  } as const;
}

/** The options of a guarded route: what it is asked, what it answers, in the interface's description too. */
export function answering<Asked extends { readonly params: z.ZodType }, Answer extends z.ZodType>(
  { onRequest, about }: ReturnType<typeof guarded>,
  summary: string,
  asked: Asked,
  answer: Answer,
) {
  return { onRequest, schema: { ...about, summary, ...asked, response: { 200: answer, ...refusals } } };
}

/** `from` of the part that follows a list; null at the end. @param placeOf Where an item stands. */
export function nextFrom<T>(list: readonly T[], limit: number, placeOf: (item: T) => bigint): string | null {
  const last = list.at(-1);
  return last === undefined || list.length < limit ? null : String(placeOf(last) + 1n);
}

/** The stream that a request is about: of its caller's tenant, and no other. */
export function streamOf(access: Guard, request: FastifyRequest & { params: { store: string } }): StreamKey {
  return { tenant: access.callerOf(request).tenant, store: request.params.store };
}

/** @throws Problem unless the caller's tenant has the stream; another tenant's is as unknown as one that nobody has. */
export async function requireStream(database: Database, stream: StreamKey): Promise<void> {
  const found = await database.transaction(stream.tenant, (sql) => findStream(sql, stream));
  if (found === undefined) throw unknownStream();
}

export const unknownStream = (): Problem => new Problem("stream-unknown", "this tenant has no such stream");
export const notFound = (what: string): Problem =>
  new Problem("not-found", `this stream has no such ${what}`);
