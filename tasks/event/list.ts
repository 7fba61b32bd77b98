import { InputError } from "../../src/core/errors.ts";
import { isUuid, UUID_FORM } from "../../src/core/uuid.ts";
import { createClient, type LoggedEvent } from "../../src/sdk/index.ts";
import { readCredential } from "../support/credential.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";

interface ListArguments {
  readonly url: string | undefined;
  readonly credential: string | undefined;
  readonly tenant: string | undefined;
  readonly store: string | undefined;
  readonly agent: string | undefined;
  readonly keyId: string | undefined;
  readonly from: string | undefined;
}

/** Events read between two lines of progress. */
const PROGRESS = 10_000;

/** Lists a stream's events, all of them or those under one agent or one of its keys: an audit has to see every page. */
export async function listEvents(args: ListArguments, _hre: unknown, io: TaskIo): Promise<TaskResult> {
  const client = createClient({
    url: required("url", args.url, "where the sequencer listens"),
    credential: readCredential(required("credential", args.credential, "a file with an API key")),
    tenant: required("tenant", args.tenant, "the stream's tenant"),
    store: required("store", args.store, "the stream's store"),
  });
  const wanted = filterOf(args);
  const events: Listed[] = [];
  let read = 0;
  for await (const logged of client.events({ from: place("--from", args.from) ?? 1n })) {
    if (wanted(logged)) events.push(listed(logged));
    read += 1;
    if (read % PROGRESS === 0) io.note(`${read} events are read`);
  }
  return {
    data: { read, events },
    lines: [...events.map(lineOf), `${events.length} of ${read} events`],
  };
}

interface Listed {
  readonly sequence: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly agent: string;
  readonly keyId: number;
  readonly entity: string;
  readonly createdAt: string;
}

function filterOf({ agent, keyId }: ListArguments): (logged: LoggedEvent) => boolean {
  if (agent !== undefined && !isUuid(agent)) throw InputError.expected("--agent", UUID_FORM, agent);
  const key = place("--key-id", keyId);
  if (key !== undefined && agent === undefined)
    throw InputError.expected("--agent", "the agent whose key it is", undefined);
  return ({ event }) =>
    (agent === undefined || event.sourceAgentId === agent) &&
    (key === undefined || BigInt(event.agentKeyId) === key);
}

function listed({ sequence, event }: LoggedEvent): Listed {
  const { eventId, eventType, sourceAgentId: agent, agentKeyId: keyId, createdAt } = event;
  const entity = `${event.entityType}/${event.entityId}`;
  return { sequence: String(sequence), eventId, eventType, agent, keyId, entity, createdAt };
}

const lineOf = ({ sequence, eventId, eventType, agent, keyId, entity, createdAt }: Listed): string =>
  `${sequence}  ${createdAt}  ${eventType} of ${entity}, by ${agent} with key ${keyId}: ${eventId}`;

/** A number from 1. */
function place(name: string, text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,18}$/.test(text)) throw InputError.expected(name, "a number from 1", text);
  return BigInt(text);
}

export default action(listEvents);
