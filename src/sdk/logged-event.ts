import { z } from "zod";
import { CheckError } from "../core/errors.ts";
import { u64Field, uintField } from "../core/json.ts";
import type { VesEvent } from "../core/log/event.ts";
import { readLeniently } from "../core/log/inspect-read.ts";
import { parseSequencedEvent } from "../core/log/json.ts";
import type { LeafContent } from "../core/log/leaf.ts";
import { parseReceipt, type Receipt } from "../core/log/receipt.ts";
import { ofAnswer, readAnswer } from "./answer.ts";

/** An event as the log hands it out. Its receipt and signature are not checked: `verifyReceipt` and `verifyEvent` do that. */
export type LoggedEvent = {
  readonly sequence: bigint;
  readonly receipt: Receipt | undefined;
  /** How many events of its entity the stream had then, this one included. */
  readonly entityVersion: bigint | undefined;
} & (
  | { readonly missing?: undefined; readonly event: VesEvent }
  /** Its payload is gone for good, or in an archive; what is left still gives its leaf. */
  | { readonly missing: "erased" | "archived"; readonly event: LeafContent["event"] }
);

const NUMBER = z.union([u64Field, uintField(Number.MAX_SAFE_INTEGER).transform(BigInt)]);
const LOGGED = z.looseObject({
  event: z.looseObject({ payload_erased: z.boolean().optional(), payload_archived: z.boolean().optional() }),
  receipt: z.unknown().optional(),
  entity_version: NUMBER.nullish(),
});

/** Reads `{event, receipt, entity_version}`. @throws InputError `path: expected X, got Y`. */
export function readLoggedEvent(json: unknown, path: string): LoggedEvent {
  const { event, receipt, entity_version } = readAnswer(LOGGED, json, path);
  const common = {
    receipt:
      receipt === undefined || receipt === null
        ? undefined
        : ofAnswer(() => parseReceipt(receipt, `${path}.receipt`)),
    entityVersion: entity_version ?? undefined,
  };
  const missing =
    event.payload_erased === true ? "erased" : event.payload_archived === true ? "archived" : undefined;
  if (missing === undefined) {
    return { ...common, ...ofAnswer(() => parseSequencedEvent(event, `${path}.event`)) };
  }
  return { ...common, missing, ...remains(event, path) };
}

function remains(json: Readonly<Record<string, unknown>>, path: string): LeafContent {
  const { kind, header, plainHash, cipherHash, signature, sequence } = readLeniently(json);
  if (!header || kind === undefined || !plainHash || !cipherHash || !signature || sequence === undefined) {
    throw new CheckError(`the sequencer's answer: ${path}: expected an event but for its payload, got less`);
  }
  const event = {
    ...header,
    payloadKind: kind,
    payloadPlainHash: plainHash,
    payloadCipherHash: cipherHash,
    agentSignature: signature,
  };
  return { sequence, event };
}

/** @throws CheckError unless events come one after the other. */
export function requireNext(got: bigint | undefined, expected: bigint): void {
  if (got === expected) return;
  throw new CheckError(`the sequencer leaves out event ${expected}: ${got ?? "another"} came in its place`);
}
