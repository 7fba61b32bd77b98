/**
 * JSON Schemas of OpenZeppelin Monitor's configuration, derived from the fields that its documentation of 1.6 names. The
 * program itself refuses what it does not know in networks; we refuse it everywhere, so that nothing is written in vain.
 */

const text = { type: "string", minLength: 1 } as const;
const slug = { type: "string", pattern: "^[a-z0-9_]+$" } as const;

/** A secret by its place, never by its value. */
const secret = {
  type: "object",
  required: ["type", "value"],
  additionalProperties: false,
  properties: { type: { enum: ["environment", "hashicorpcloudvault"] }, value: text },
} as const;

const message = {
  type: "object",
  required: ["title", "body"],
  additionalProperties: false,
  properties: { title: text, body: text },
} as const;

export const NETWORK_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: [
    "network_type",
    "slug",
    "name",
    "rpc_urls",
    "chain_id",
    "block_time_ms",
    "confirmation_blocks",
    "cron_schedule",
  ],
  properties: {
    network_type: { const: "EVM" },
    slug,
    name: text,
    rpc_urls: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["type_", "url", "weight"],
        properties: {
          type_: { const: "rpc" },
          url: secret,
          weight: { type: "integer", minimum: 0, maximum: 100 },
        },
      },
    },
    chain_id: { type: "integer", minimum: 1 },
    block_time_ms: { type: "integer", minimum: 100 },
    confirmation_blocks: { type: "integer", minimum: 1 },
    // Seconds come first.
    cron_schedule: { type: "string", pattern: "^\\S+( \\S+){5,6}$" },
    max_past_blocks: { type: "integer", minimum: 1 },
    store_blocks: { type: "boolean" },
  },
} as const;

const condition = {
  type: "object",
  additionalProperties: false,
  required: ["signature"],
  properties: {
    signature: { type: "string", pattern: "^\\w+\\(\\S*\\)$" },
    expression: { type: ["string", "null"], minLength: 1 },
  },
} as const;

export const MONITOR_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["name", "paused", "networks", "addresses", "match_conditions", "trigger_conditions", "triggers"],
  properties: {
    name: text,
    paused: { type: "boolean" },
    networks: { type: "array", minItems: 1, items: slug },
    addresses: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["address", "contract_spec"],
        properties: {
          address: { type: "string", pattern: "^0x[0-9a-fA-F]{40}$" },
          contract_spec: { type: "array", minItems: 1, items: { type: "object" } },
        },
      },
    },
    match_conditions: {
      type: "object",
      additionalProperties: false,
      required: ["functions", "events", "transactions"],
      properties: {
        functions: { type: "array", items: condition },
        events: { type: "array", items: condition },
        transactions: {
          type: "array",
          items: {
            type: "object",
            additionalProperties: false,
            required: ["status"],
            properties: {
              status: { enum: ["Any", "Success", "Failure"] },
              expression: { type: ["string", "null"] },
            },
          },
        },
      },
    },
    trigger_conditions: { type: "array", maxItems: 0 },
    triggers: { type: "array", minItems: 1, items: text },
  },
} as const;

const trigger = (type: string, config: object) => ({
  type: "object",
  additionalProperties: false,
  required: ["name", "trigger_type", "config"],
  properties: { name: text, trigger_type: { const: type }, config },
});

const fields = (required: readonly string[], properties: object) => ({
  type: "object",
  additionalProperties: false,
  required: [...required, "message"],
  properties: { ...properties, message },
});

export const TRIGGERS_SCHEMA = {
  type: "object",
  minProperties: 1,
  additionalProperties: {
    oneOf: [
      trigger("slack", fields(["slack_url"], { slack_url: secret })),
      trigger("discord", fields(["discord_url"], { discord_url: secret })),
      trigger(
        "webhook",
        fields(["url", "method"], {
          url: secret,
          secret,
          method: { enum: ["POST", "GET"] },
          headers: { type: "object", additionalProperties: { type: "string" } },
        }),
      ),
    ],
  },
} as const;
