import { generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { uint } from "../../../src/core/bytes.ts";
import { type Facts, factCommitment, factsToJson } from "../../../src/core/facts/index.ts";
import type { Json } from "../../../src/core/json.ts";
import {
  agentKeyMessage,
  eventToJson,
  plainHash,
  signingHash,
  type UnsignedEvent,
} from "../../../src/core/log/index.ts";
import type { Agents } from "../../../src/sequencer/agents/index.ts";
import type { Ingest } from "../../../src/sequencer/ingest/index.ts";

export interface SignedEvent {
  readonly eventId: string;
  readonly json: Json;
}

/** An agent in a stream of its own. */
export interface StreamAgent {
  readonly tenant: string;
  readonly store: string;
  readonly agent: string;
  readonly publicKey: Uint8Array;
  /** The next event, signed, with facts in its payload when some are given. */
  next(facts?: Facts): SignedEvent;
}

/** Opens a stream and registers a new agent's first key in it. */
export async function streamAgent(tenant: string, ingest: Ingest, agents: Agents): Promise<StreamAgent> {
  const store = randomUUID();
  const agent = randomUUID();
  await ingest.openStream(tenant, store);
  const { privateKey, publicKey } = newKey();
  const statement = { tenantId: tenant, storeId: store, agentId: agent, keyId: 1, publicKey };
  const proof = sign(null, agentKeyMessage(statement), privateKey);
  await agents.register({ tenant, store, agent, keyId: 1, publicKey, proof });
  let made = 0;
  return {
    tenant,
    store,
    agent,
    publicKey,
    next(facts) {
      made += 1;
      const plain = { number: made, note: "an order under way when the machine fails" };
      const payload =
        facts === undefined ? plain : { ...plain, facts: factsToJson(facts) as unknown as Json };
      const unsigned: UnsignedEvent = {
        vesVersion: 3,
        eventId: randomUUID(),
        tenantId: tenant,
        storeId: store,
        sourceAgentId: agent,
        agentKeyId: 1,
        entityType: "order",
        entityId: `order-${made % 7}`,
        eventType: "order.placed",
        createdAt: new Date().toISOString(),
        payloadKind: 0,
        payload,
        payloadPlainHash: plainHash(payload),
        payloadCipherHash: new Uint8Array(32),
        ...(facts === undefined ? {} : { factsCommitment: uint("commitment", factCommitment(facts), 32) }),
      };
      // Not `buildEvent`: it checks each signature slowly, and thousands are made here.
      const agentSignature = sign(null, signingHash(unsigned), privateKey);
      return { eventId: unsigned.eventId, json: eventToJson({ ...unsigned, agentSignature }) as Json };
    },
  };
}

function newKey(): { privateKey: KeyObject; publicKey: Uint8Array } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const { x } = publicKey.export({ format: "jwk" });
  return { privateKey, publicKey: Uint8Array.from(Buffer.from(x ?? "", "base64url")) };
}
