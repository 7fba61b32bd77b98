import { userInfo } from "node:os";
import { InputError } from "../../../src/core/errors.ts";
import type { Json } from "../../../src/core/json.ts";
import { eventToJson, keyProviderSigner, parseEvent } from "../../../src/core/log/index.ts";
import {
  eventTypeOf,
  type IncidentEntry,
  type IncidentLog,
  type IncidentLogSettings,
  type IncidentRecord,
  type IncidentSettings,
  type Published,
  publish,
  readIncidentSettings,
} from "../../../src/ops/incidents/record/index.ts";
import { SEVERITIES, type Severity } from "../../../src/ops/monitors/rule.ts";
import { type Client, createClient } from "../../../src/sdk/index.ts";
import { readCredential } from "../../support/credential.ts";
import { openKeys } from "../../support/keys.ts";
import type { TaskResult } from "../../support/task.ts";

/** Where incidents are kept, by the file that PROOFX_CONFIG names. */
export const incidentSettings = (): IncidentSettings => readIncidentSettings(process.env.PROOFX_CONFIG);

/** Who acts: `--by`, else the account of this machine. */
export const actor = (by: string | undefined): string => by ?? userInfo().username;

/** @throws InputError unless it is a severity, or its class (P1 to P4). */
export function parseSeverity(text: string): Severity {
  const byClass: Readonly<Record<string, Severity>> = { p1: "critical", p2: "high", p3: "medium", p4: "low" };
  const found = SEVERITIES.find((each) => each === text) ?? byClass[text.toLowerCase()];
  if (found !== undefined) return found;
  throw InputError.expected("--severity", `${SEVERITIES.join(", ")}, or P1 to P4`, text);
}

/** @throws InputError unless it is a time. */
export function parseTime(name: string, text: string): string {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw InputError.expected(name, "a time like 2026-01-31T12:00:00Z", text);
  return new Date(time).toISOString();
}

/** The stream of the log that records are written to; undefined where the settings name none. */
export function incidentClient({ log }: IncidentSettings): Client | undefined {
  if (log === undefined) return undefined;
  const { url, credential_file: file, tenant, store } = log;
  return createClient({ url, credential: readCredential(file), tenant, store, retry: { attempts: 2 } });
}

/** How entries reach the log. */
export function incidentLog(settings: IncidentSettings): IncidentLog | undefined {
  const { log } = settings;
  if (log === undefined) return undefined;
  let client: Client | undefined;
  return {
    sign: async (record, entry) => {
      const signer = await keyProviderSigner(openKeys(), log.key);
      const signing = createClient({ ...streamOf(log), agent: { id: log.agent, keyId: log.key_id, signer } });
      return eventToJson(await signing.build(draftOf(record, entry))) as Record<string, unknown>;
    },
    send: async (event) => {
      client ??= incidentClient(settings);
      const { receipt } = await (client as Client).send(parseEvent(event, "the incident's event"));
      return String(receipt.sequence);
    },
  };
}

const streamOf = ({ url, tenant, store }: IncidentLogSettings) => ({ url, tenant, store, credential: "" });

function draftOf(record: IncidentRecord, entry: IncidentEntry) {
  const { id, title, severity, since } = record;
  const about: Record<string, Json> = entry.kind === "opened" ? { title, severity, since } : {};
  return {
    eventId: entry.id,
    entityType: "incident",
    entityId: id,
    eventType: eventTypeOf(entry),
    createdAt: entry.at,
    payload: { ...about, by: entry.by, text: entry.text, details: { ...entry.facts } },
  };
}

/** Writes to the log what it lacks, and says what became of it. */
export async function publishAndTell(
  settings: IncidentSettings,
  record: IncidentRecord,
  lines: string[],
): Promise<TaskResult> {
  const published = await publish(settings.folder, record, incidentLog(settings));
  return {
    data: { ...published.record, pending: published.pending, reason: published.reason ?? null },
    lines: [...lines, ...publishedLines(published)],
  };
}

function publishedLines({ record, pending, reason }: Published): string[] {
  const last = record.entries.at(-1);
  if (pending === 0) return [`in the log as event ${last?.sequence}`];
  return [
    `${pending} of ${record.entries.length} entries are on this machine alone: ${reason}`,
    `they are sent with the next command of this incident: npx hardhat incident note --id ${record.id}`,
  ];
}
