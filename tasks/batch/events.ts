import { z } from "zod";
import { toHex } from "../../src/core/bytes.ts";
import { CheckError, InputError } from "../../src/core/errors.ts";
import { factCommitment, parseFacts } from "../../src/core/facts/index.ts";
import { hexField, readFields, uintField, uuidField } from "../../src/core/json.ts";
import { parseEvent, type VesEvent, verifyEvent } from "../../src/core/log/index.ts";
import { fieldHex, readInput, readJsonInput } from "../support/values.ts";

const agentsFile = z.array(
  z.strictObject({ agentId: uuidField, keyId: uintField(2 ** 32 - 1), publicKey: hexField(32) }),
);

/** Finds the public key of an agent's key id; undefined when it is not registered. */
export type AgentKeys = (agentId: string, keyId: number) => Uint8Array | undefined;

/** Reads the file of the agents' keys. */
export function readAgents(path: string): AgentKeys {
  const agents = readFields(agentsFile, readJsonInput("--agents", path), path);
  const byKey = new Map(agents.map(({ agentId, keyId, publicKey }) => [`${agentId}/${keyId}`, publicKey]));
  return (agentId, keyId) => byKey.get(`${agentId}/${keyId}`);
}

/**
 * Reads signed events and checks each: its hashes, its signature under the agent's registered key, its tenant and
 * store, and that plain facts open its commitment.
 *
 * @throws CheckError naming the first event that does not hold.
 */
export function readEvents(path: string, agents: AgentKeys): [VesEvent, ...VesEvent[]] {
  const lines = readInput("--events", path).split("\n");
  const events = lines.flatMap((line, index) => (line.trim() === "" ? [] : parseLine(path, line, index + 1)));
  const [first, ...others] = events;
  if (first === undefined) throw InputError.expected(path, "at least one event", "none");
  for (const event of events) {
    checkEvent(event, agents);
    if (event.tenantId !== first.tenantId || event.storeId !== first.storeId) {
      throw new CheckError(
        `event ${event.eventId} belongs to another tenant or store than event ${first.eventId}`,
      );
    }
  }
  return [first, ...others];
}

function parseLine(path: string, line: string, number: number): VesEvent {
  try {
    return parseEvent(JSON.parse(line));
  } catch (cause) {
    throw new InputError(`${path}:${number}: ${cause instanceof Error ? cause.message : "not an event"}`, {
      cause,
    });
  }
}

function checkEvent(event: VesEvent, agents: AgentKeys): void {
  const publicKey = agents(event.sourceAgentId, event.agentKeyId);
  if (publicKey === undefined) {
    throw new CheckError(
      `event ${event.eventId}: agent ${event.sourceAgentId} has no key ${event.agentKeyId}`,
      {
        next: "add the agent's public key to the --agents file",
      },
    );
  }
  verifyEvent(event, publicKey);
  if (event.payloadKind === 0) checkPlainFacts(event, event.payload);
}

/**
 * A plain payload holds facts if and only if the event commits to them, and they open the commitment: whoever reads the
 * payload sees what the event is judged by. A sealed payload's facts are not seen here.
 */
function checkPlainFacts({ eventId, factsCommitment }: VesEvent, payload: unknown): void {
  const holdsFacts = typeof payload === "object" && payload !== null && "facts" in payload;
  if (!holdsFacts && factsCommitment === undefined) return;
  if (!holdsFacts || factsCommitment === undefined) {
    const [has, lacks] = holdsFacts
      ? ["facts", "commitment to them"]
      : ["a facts commitment", "facts in its payload"];
    throw new CheckError(`event ${eventId} has ${has} and no ${lacks}`);
  }
  if (fieldHex(factCommitment(parseFacts(payload.facts))) !== toHex(factsCommitment)) {
    throw new CheckError(`event ${eventId}: the facts in its payload are not the ones it commits to`);
  }
}
