import { z } from "zod";
import { uint } from "../bytes.ts";
import { sizedText, taggedHash } from "../hash.ts";
import { readJson, u64Field, uintField, uuidField } from "../json.ts";
import type { Json } from "../json-value.ts";
import { uuidText } from "../uuid.ts";
import { ALEO_EVENTS } from "./events.ts";
import {
  type AleoNetwork,
  elementField,
  networkField,
  programField,
  transactionField,
  transitionField,
} from "./names.ts";

const U32_MAX = 2 ** 32 - 1;

/** Where on the ledger a record's fact is. */
export interface LedgerPlace {
  readonly network: AleoNetwork;
  readonly program: string;
  /** `at1...` */
  readonly transactionId: string;
  /** `au1...` */
  readonly transitionId: string;
  /** Height of the block. */
  readonly height: number;
}

/** That the trust verifier recorded an execution of an agent. */
export interface TrustRecord extends LedgerPlace {
  readonly kind: "trust";
  /** UUID. */
  readonly agentId: string;
  /** Field elements in decimal. */
  readonly executionId: string;
  readonly proofHash: string;
  /** 0 to 10000. */
  readonly trust: number;
  /** Whether an attestation was demanded, and was there. */
  readonly attested: boolean;
}

/**
 * What became of an agent's stake. A withdrawal leaves it when it is requested; what is paid out later names a ticket and no agent.
 */
export const STAKE_CHANGES = [
  "registered",
  "increased",
  "withdrawal_requested",
  "slashed",
  "migrated",
] as const;
export type StakeChange = (typeof STAKE_CHANGES)[number];

/** That the registry changed an agent's stake. */
export interface StakeRecord extends LedgerPlace {
  readonly kind: "stake";
  /** UUID. */
  readonly agentId: string;
  readonly change: StakeChange;
  /** Microcredits, u64; undefined when it was slashed, for that transaction does not say how much there was to take. */
  readonly amount: bigint | undefined;
}

export type AleoRecord = TrustRecord | StakeRecord;

/** The type of a record's event. */
export function recordEventType(record: AleoRecord): string {
  return ALEO_EVENTS[record.kind];
}

/**
 * The command that a record carries out: the log takes one event for it, however often the record is made, by whomever.
 *
 * The first 16 bytes of `H("PROOFX_ALEO_RECORD_V1" || S network || S transition id || S event type || u32 index)`, with the
 * version (8) and variant bits of RFC 9562.
 *
 * @param index Which of the transition's records of this type, from 0.
 */
export function recordCommandId(record: AleoRecord, index: number): string {
  const hash = taggedHash(
    "PROOFX_ALEO_RECORD_V1",
    sizedText("network", record.network),
    sizedText("transition_id", record.transitionId),
    sizedText("event_type", recordEventType(record)),
    uint("index", index, 4),
  ).slice(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  return uuidText(hash);
}

const place = {
  network: networkField,
  program: programField,
  transaction_id: transactionField,
  transition_id: transitionField,
  height: uintField(U32_MAX),
  agent_id: uuidField,
};
const trustSchema = z.strictObject({
  ...place,
  execution_id: elementField,
  proof_hash: elementField,
  trust: uintField(10_000),
  attested: z.boolean({ error: "true or false" }),
});
const stakeSchema = z
  .strictObject({
    ...place,
    change: z.enum(STAKE_CHANGES, { error: `one of ${STAKE_CHANGES.join(", ")}` }),
    amount: u64Field.optional(),
  })
  .refine(({ change, amount }) => (change === "slashed") === (amount === undefined), {
    error: "an amount, unless it was slashed",
    path: ["amount"],
  });

/** Reads the payload of `aleo.trust.recorded`. @throws InputError `path: expected X, got Y`. */
export function parseTrustRecord(json: unknown, path = "$"): TrustRecord {
  const wire = readJson(trustSchema, json, path);
  return {
    kind: "trust",
    ...placeOf(wire),
    executionId: wire.execution_id,
    proofHash: wire.proof_hash,
    trust: wire.trust,
    attested: wire.attested,
  };
}

/** Reads the payload of `aleo.stake.changed`. @throws InputError `path: expected X, got Y`. */
export function parseStakeRecord(json: unknown, path = "$"): StakeRecord {
  const wire = readJson(stakeSchema, json, path);
  return { kind: "stake", ...placeOf(wire), change: wire.change, amount: wire.amount };
}

/** A record as JSON, the payload of its event. */
export function recordToJson(record: AleoRecord): Readonly<Record<string, Json>> {
  const common = {
    network: record.network,
    program: record.program,
    transaction_id: record.transactionId,
    transition_id: record.transitionId,
    height: record.height,
    agent_id: record.agentId,
  };
  if (record.kind === "stake") {
    const { change, amount } = record;
    return { ...common, change, ...(amount === undefined ? {} : { amount: amount.toString() }) };
  }
  const { executionId, proofHash, trust, attested } = record;
  return { ...common, execution_id: executionId, proof_hash: proofHash, trust, attested };
}

function placeOf(wire: { [K in keyof typeof place]: z.output<(typeof place)[K]> }) {
  return {
    network: wire.network,
    program: wire.program,
    transactionId: wire.transaction_id,
    transitionId: wire.transition_id,
    height: wire.height,
    agentId: wire.agent_id,
  };
}
