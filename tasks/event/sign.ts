import { appendFileSync, chmodSync } from "node:fs";
import { z } from "zod";
import { fromHex } from "../../src/core/bytes.ts";
import { factsToJson } from "../../src/core/facts/index.ts";
import { type Json, readJson, textField, uintField, uuidField } from "../../src/core/json.ts";
import { buildEvent, type EventFields, eventToJson, keyProviderSigner } from "../../src/core/log/index.ts";
import type { CommittedFacts } from "../facts/file.ts";
import { readFactsFile } from "../facts/file.ts";
import { openKeys } from "../support/keys.ts";
import { action, required, type TaskResult } from "../support/task.ts";
import { readJsonInput } from "../support/values.ts";

export interface SignArguments {
  readonly draft: string | undefined;
  readonly facts: string | undefined;
  readonly key: string | undefined;
  readonly out: string | undefined;
}

const draftFile = z.strictObject({
  tenant_id: uuidField,
  store_id: uuidField,
  source_agent_id: uuidField,
  agent_key_id: uintField(2 ** 32 - 1).default(1),
  event_id: uuidField.optional(),
  entity_type: textField,
  entity_id: textField,
  event_type: textField,
  created_at: textField.optional(),
  payload: z.record(z.string(), z.json()),
});

/** Signs a version 3 event with a plain payload; with facts, the payload carries them and the envelope their commitment. */
export async function signEvent(args: SignArguments): Promise<TaskResult> {
  const draft = readJson(draftFile, readJsonInput("--draft", required("draft", args.draft, "a JSON file")));
  const facts = args.facts === undefined ? undefined : readFactsFile(args.facts);
  const signer = await keyProviderSigner(openKeys(), required("key", args.key, "an agent's keystore key"));
  const event = await buildEvent(eventFields(draft, facts), signer);
  const out = required("out", args.out, "a file of events to append to");
  appendFileSync(out, `${JSON.stringify(eventToJson(event))}\n`, { mode: 0o600 });
  // The mode above counts for a new file only; plain payloads hold facts and their salt.
  chmodSync(out, 0o600);
  return {
    data: {
      eventId: event.eventId,
      agentId: event.sourceAgentId,
      factsCommitment: facts?.commitment ?? null,
      file: out,
    },
    lines: [
      `Event ${event.eventId} of agent ${event.sourceAgentId} is signed and appended to ${out}`,
      facts === undefined ? "  it carries no facts" : `  bound to fact commitment ${facts.commitment}`,
    ],
  };
}

function eventFields(draft: z.infer<typeof draftFile>, facts: CommittedFacts | undefined): EventFields {
  const payload = facts === undefined ? draft.payload : { ...draft.payload, facts: factsToJson(facts.facts) };
  return {
    vesVersion: 3,
    eventId: draft.event_id ?? crypto.randomUUID(),
    tenantId: draft.tenant_id,
    storeId: draft.store_id,
    sourceAgentId: draft.source_agent_id,
    agentKeyId: draft.agent_key_id,
    entityType: draft.entity_type,
    entityId: draft.entity_id,
    eventType: draft.event_type,
    createdAt: draft.created_at ?? new Date().toISOString(),
    payloadKind: 0,
    payload: payload as Json,
    ...(facts === undefined ? {} : { factsCommitment: fromHex("facts commitment", facts.commitment, 32) }),
  };
}

export default action(signEvent);
