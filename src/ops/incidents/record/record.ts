import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeFileDurably } from "../../../chain/files.ts";
import { CheckError, InputError, RefusedError } from "../../../core/errors.ts";
import { readFields, stringifyJson, uuidField } from "../../../core/json.ts";
import { SEVERITIES } from "../../monitors/rule.ts";

/** What happened to an incident; each is an event of the log. */
export const ENTRY_KINDS = ["opened", "noted", "notified", "closed"] as const;

const ID_FORM = "an incident's id, at most 64 of a-z, 0-9 and -";
const ID = /^[a-z0-9][a-z0-9-]{0,63}$/;
const time = z.iso.datetime({ error: "an RFC 3339 time in UTC" });

const entryField = z.strictObject({
  /** UUID; the event's id in the log, so that it is there once, however often it is sent. */
  id: uuidField,
  kind: z.enum(ENTRY_KINDS),
  at: time,
  /** Who says so. */
  by: z.string(),
  text: z.string(),
  facts: z.record(z.string(), z.string()),
  /** The signed event; absent while nothing could sign it. */
  event: z.record(z.string(), z.unknown()).optional(),
  /** Its place in the log; absent while the log does not have it. */
  sequence: z.string().optional(),
});

const recordFile = z.strictObject({
  version: z.literal(1, { error: "1" }),
  id: z.string().regex(ID, { error: ID_FORM }),
  title: z.string(),
  severity: z.enum(SEVERITIES),
  /** When it was noticed. */
  since: time,
  entries: z.array(entryField).min(1),
});

/** An incident on this machine: written here first, since the log may be what is down. */
export type IncidentRecord = z.output<typeof recordFile>;
export type IncidentEntry = z.output<typeof entryField>;
export type EntryKind = IncidentEntry["kind"];

/** What somebody says of an incident. */
export interface Saying {
  readonly by: string;
  readonly text: string;
  readonly facts?: Readonly<Record<string, string>>;
}

/** Opens a record; it is on disk once this returns. @throws RefusedError when there is one with this id. */
export function openRecord(
  folder: string,
  { id, title, severity, since }: Pick<IncidentRecord, "id" | "title" | "severity" | "since">,
  said: Saying,
  now: Date,
): IncidentRecord {
  if (!ID.test(id)) throw InputError.expected("--id", ID_FORM, id);
  if (Date.parse(since) > now.getTime()) throw InputError.expected("--since", "a time that has been", since);
  const path = pathOf(folder, id);
  if (existsSync(path))
    throw new RefusedError(`incident ${id} is open already`, {
      next: `npx hardhat incident note --id ${id}`,
    });
  const record: IncidentRecord = {
    version: 1,
    id,
    title,
    severity,
    since,
    entries: [entryOf("opened", said, now)],
  };
  save(folder, record);
  return record;
}

/** Adds to a record; it is on disk once this returns. @throws RefusedError when the incident is closed. */
export function addEntry(
  folder: string,
  record: IncidentRecord,
  kind: Exclude<EntryKind, "opened">,
  said: Saying,
  now: Date,
): IncidentRecord {
  if (isClosed(record))
    throw new RefusedError(`incident ${record.id} is closed`, { next: "open another that names it" });
  const added = { ...record, entries: [...record.entries, entryOf(kind, said, now)] };
  save(folder, added);
  return added;
}

/** Keeps what became known of an entry: its event, its place in the log. */
export function updateEntry(
  folder: string,
  record: IncidentRecord,
  id: string,
  known: Partial<Pick<IncidentEntry, "event" | "sequence">>,
): IncidentRecord {
  const entries = record.entries.map((entry) => (entry.id === id ? { ...entry, ...known } : entry));
  const updated = { ...record, entries };
  save(folder, updated);
  return updated;
}

/** @throws InputError when there is none; CheckError for a file that is damaged. */
export function readRecord(folder: string, id: string): IncidentRecord {
  const path = pathOf(folder, id);
  if (!ID.test(id) || !existsSync(path)) {
    const known = listRecords(folder);
    throw InputError.expected(
      "--id",
      known.length === 0 ? "an incident; there is none" : `one of ${known.join(", ")}`,
      id,
    );
  }
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new CheckError(`${path}: no JSON: the record is damaged`, {
      cause,
      next: "the log has its events",
    });
  }
  return readFields(recordFile, content, path);
}

/** Ids of all records, by name. */
export function listRecords(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length))
    .sort();
}

export const isClosed = ({ entries }: IncidentRecord): boolean =>
  entries.some(({ kind }) => kind === "closed");

const pathOf = (folder: string, id: string): string => join(folder, `${id}.json`);

function save(folder: string, record: IncidentRecord): void {
  writeFileDurably(pathOf(folder, record.id), `${stringifyJson(record, 2)}\n`, 0o600);
}

function entryOf(kind: EntryKind, { by, text, facts = {} }: Saying, now: Date): IncidentEntry {
  return { id: crypto.randomUUID(), kind, at: now.toISOString(), by, text, facts: { ...facts } };
}
