import { z } from "zod";
import { toHex } from "../../../core/bytes.ts";
import { hexField, textField, uintField, uuidField } from "../../../core/json.ts";
import { type AgentKeyRow, listAgentKeys, listAgents } from "../../../sequencer/read/index.ts";
import type { StreamKey } from "../../../sequencer/tree/index.ts";
import type { HttpServer } from "../../support/http.ts";
import type { RouteParts } from "../parts.ts";
import { problemFor } from "../refusal.ts";
import {
  DEFAULT_LIMIT,
  decimal,
  guarded,
  hex,
  limitText,
  refusals,
  requireStream,
  sequenceText,
  storePath,
  streamOf,
} from "./common.ts";

type Parts = Pick<RouteParts, "access" | "database" | "agents" | "heads">;

const U32_MAX = 2 ** 32 - 1;
const agentPath = storePath.extend({ agent: uuidField });
const KEY_ID = "a number from 1 to 2^32 - 1";
const keyIdText = z
  .string()
  .regex(/^[1-9]\d{0,9}$/, { error: KEY_ID })
  .transform(Number)
  .refine((id) => id <= U32_MAX, { error: KEY_ID });

const keyBody = z
  .object({
    agent_id: z.string(),
    key_id: z.int(),
    public_key: hex,
    registered_at: decimal.meta({ description: "good for events after this sequence number" }),
    revoked_at: decimal.nullable().meta({ description: "and before this one" }),
    replaced_by: z.int().nullable(),
    retire_after: z
      .string()
      .nullable()
      .meta({ description: "end of its overlap with the key that replaces it" }),
  })
  .meta({ id: "AgentKey" });

/** Agents' keys in a stream. */
export function addKeys(server: HttpServer, parts: Parts): void {
  addKeyLists(server, parts);
  addRegistration(server, parts);
  addRevocation(server, parts);
}

function addKeyLists(server: HttpServer, { access, database }: Parts): void {
  const { onRequest, about } = guarded(access, "events:read", "events_read");
  server.get(
    "/v1/stores/:store/agents/:agent/keys",
    {
      onRequest,
      schema: {
        ...about,
        summary: "An agent's keys; with `at`, those that were good for that sequence number",
        params: agentPath,
        querystring: z.object({ at: sequenceText.optional() }),
        response: { 200: z.object({ keys: z.array(keyBody) }), ...refusals },
      },
    },
    async (request) => {
      const stream = streamOf(access, request);
      await requireStream(database, stream);
      const { at } = request.query;
      const asked = { agent: request.params.agent, ...(at === undefined ? {} : { at }) };
      const keys = await database.transaction(stream.tenant, (sql) => listAgentKeys(sql, stream, asked));
      return { keys: keys.map(keyJson) };
    },
  );
  server.get(
    "/v1/stores/:store/agents",
    {
      onRequest,
      schema: {
        ...about,
        summary: "Agents that have keys in a stream, by their ids",
        params: storePath,
        querystring: z.object({ after: uuidField.optional(), limit: limitText.optional() }),
        response: {
          200: z.object({
            agents: z.array(z.object({ agent_id: z.string(), keys: z.int(), keys_in_use: z.int() })),
          }),
          ...refusals,
        },
      },
    },
    async (request) => {
      const stream = streamOf(access, request);
      await requireStream(database, stream);
      const { after, limit = DEFAULT_LIMIT } = request.query;
      const agents = await database.transaction(stream.tenant, (sql) =>
        listAgents(sql, stream, after, limit),
      );
      return {
        agents: agents.map(({ agent, keys, usable }) => ({ agent_id: agent, keys, keys_in_use: usable })),
      };
    },
  );
}

function addRegistration(server: HttpServer, { access, agents, heads }: Parts): void {
  const { onRequest, about } = guarded(access, "keys:write", "events_ingest");
  const registration = z.strictObject({
    key_id: uintField(U32_MAX).meta({ description: "the one after the agent's last, from 1" }),
    public_key: hexField(32),
    proof: hexField(64).meta({ description: "by the key itself over its registration (docs/formats.md)" }),
    replaces: uintField(U32_MAX).optional(),
    overlap_seconds: uintField(U32_MAX)
      .optional()
      .meta({ description: "how long the replaced key stays good" }),
  });
  server.post(
    "/v1/stores/:store/agents/:agent/keys",
    {
      onRequest,
      schema: {
        ...about,
        summary: "Register an agent's key, or put it in the place of another; the same again changes nothing",
        params: agentPath,
        body: registration,
        response: { 201: keyBody, ...refusals },
      },
    },
    async (request, reply) => {
      const stream = streamOf(access, request);
      const { key_id, public_key, proof, replaces, overlap_seconds } = request.body;
      const key = await agents
        .register({
          ...stream,
          agent: request.params.agent,
          keyId: key_id,
          publicKey: public_key,
          proof,
          replaces,
          overlapSeconds: overlap_seconds,
        })
        .catch(refuse);
      heads.moved(stream, key.registeredAt);
      return reply.code(201).send(keyJson(key));
    },
  );
}

function addRevocation(server: HttpServer, { access, agents, heads }: Parts): void {
  const { onRequest, about } = guarded(access, "keys:write", "events_ingest");
  server.post(
    "/v1/stores/:store/agents/:agent/keys/:key_id/revoke",
    {
      onRequest,
      schema: {
        ...about,
        summary: "Revoke a key for good, from this place in the log on",
        params: agentPath.extend({ key_id: keyIdText }),
        body: z.strictObject({ reason: textField }),
        response: { 200: keyBody, ...refusals },
      },
    },
    async (request) => {
      const stream: StreamKey = streamOf(access, request);
      const { agent, key_id: keyId } = request.params;
      const key = await agents.revoke({ ...stream, agent, keyId, reason: request.body.reason }).catch(refuse);
      heads.moved(stream, key.revokedAt ?? 0n);
      return keyJson(key);
    },
  );
}

function refuse(error: unknown): never {
  throw problemFor(error);
}

function keyJson(
  key: Omit<AgentKeyRow, "keyId" | "replacedBy"> & {
    readonly keyId: bigint | number;
    readonly replacedBy: bigint | number | null;
  },
): z.input<typeof keyBody> {
  return {
    agent_id: key.agent,
    key_id: Number(key.keyId),
    public_key: toHex(key.publicKey),
    registered_at: String(key.registeredAt),
    revoked_at: key.revokedAt === null ? null : String(key.revokedAt),
    replaced_by: key.replacedBy === null ? null : Number(key.replacedBy),
    retire_after: key.retireAfter === null ? null : new Date(Number(key.retireAfter)).toISOString(),
  };
}
