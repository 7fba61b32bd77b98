import type { Json } from "../json-value.ts";
import { ALEO_EVENTS } from "./events.ts";
import { ALEO_NETWORKS } from "./names.ts";
import { STAKE_CHANGES } from "./records.ts";

// JSON Schemas to be registered with a sequencer (`PUT /v1/schemas/TYPE`). They hold payloads to their form; checksums, signatures
// and what goes before are for who reads the events.

// A sequencer's patterns run in linear time, and have no counted repetition: lengths are said beside them.
const text = (pattern: string, shortest: number, longest = shortest): Json => ({
  type: "string",
  minLength: shortest,
  maxLength: longest,
  pattern,
});
const bech32m = (prefix: string, letters: number): Json =>
  text(`^${prefix}1[02-9ac-hj-np-z]*$`, prefix.length + 1 + letters);
const hex = (bytes: number): Json => text("^0x[0-9a-f]*$", 2 + 2 * bytes);
const integer = (minimum: number, maximum: number): Json => ({ type: "integer", minimum, maximum });
const digits = (count: number): string => "[0-9a-f]".repeat(count);
const uuid = text(`^${[8, 4, 4, 4, 12].map(digits).join("-")}$`, 36);
const decimal = (longest: number): Json => text("^(0|[1-9][0-9]*)$", 1, longest);
const U32_MAX = 2 ** 32 - 1;

const registry = { network: { enum: [...ALEO_NETWORKS] }, program: text("^[a-z][a-z0-9_]*\\.aleo$", 6, 36) };
const identity = { stream_id: hex(32), agent_id: uuid, aleo_address: bech32m("aleo", 58) };
const fact = {
  ...registry,
  transaction_id: bech32m("at", 58),
  transition_id: bech32m("au", 58),
  height: integer(0, U32_MAX),
  agent_id: uuid,
};

function object(
  properties: Readonly<Record<string, Json>>,
  optional: readonly string[] = [],
): { readonly [key: string]: Json } {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    additionalProperties: false,
    required,
    properties,
  };
}

/** The schema of each type of event about Aleo, by type. */
export const ALEO_SCHEMAS: Readonly<Record<string, Json>> = {
  [ALEO_EVENTS.bound]: object({
    ...registry,
    ...identity,
    agent_key_id: integer(0, U32_MAX),
    nonce: text("^[1-9][0-9]*$", 1, 20),
    expiry: decimal(20),
    agent_signature: hex(64),
    aleo_signature: bech32m("sign", 211),
  }),
  [ALEO_EVENTS.unbound]: object(
    { ...registry, ...identity, binding_hash: hex(32), aleo_signature: bech32m("sign", 211) },
    ["aleo_signature"],
  ),
  [ALEO_EVENTS.trust]: object({
    ...fact,
    execution_id: decimal(76),
    proof_hash: decimal(76),
    trust: integer(0, 10_000),
    attested: { type: "boolean" },
  }),
  [ALEO_EVENTS.stake]: {
    ...object({ ...fact, change: { enum: [...STAKE_CHANGES] }, amount: decimal(20) }, ["amount"]),
    if: { properties: { change: { const: "slashed" } } },
    // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's.
    then: { properties: { amount: false } },
    else: { required: ["amount"] },
  },
};
