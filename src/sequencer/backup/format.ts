import { z } from "zod";
import { readJson, uintField } from "../../core/json.ts";

/** Version of the file format. */
export const BACKUP_VERSION = 1;

const name = z.string({ error: "a name" }).min(1, { error: "a name" });
const sha256 = z
  .string({ error: "64 hex digits" })
  .refine((text) => /^[0-9a-f]{64}$/.test(text), { error: "64 hex digits" });

const header = z.strictObject({
  proofx_backup: z.literal(BACKUP_VERSION, { error: String(BACKUP_VERSION) }),
  /** `log`: everything but keys; `keys`: what unwraps payloads, and nothing else. */
  content: z.enum(["log", "keys"], { error: "log or keys" }),
  taken_at: name,
  /** The schema's steps, with the hash of each. */
  migrations: z.array(z.strictObject({ name, hash: sha256 })),
  tables: z.array(z.strictObject({ name, columns: z.array(name) })),
});

const section = z.strictObject({ table: name });

/** A column's value as PostgreSQL writes it. */
const row = z.array(z.string().nullable(), { error: "a row: a list of texts" });

const manifest = z.strictObject({
  manifest: z.strictObject({
    rows: z.record(name, uintField(Number.MAX_SAFE_INTEGER)),
    /** Of every byte before this line. */
    sha256,
  }),
});

export type BackupHeader = z.output<typeof header>;
export type BackupRow = readonly (string | null)[];
export type BackupManifest = z.output<typeof manifest>["manifest"];

/** Reads the first line. @throws InputError for another version, or what is no backup. */
export const parseHeader = (json: unknown): BackupHeader => readJson(header, json, "backup");

/** A line after the first. */
export type BackupLine =
  | { readonly kind: "section"; readonly table: string }
  | { readonly kind: "row"; readonly row: BackupRow }
  | { readonly kind: "manifest"; readonly manifest: BackupManifest };

/** @throws InputError for any other form. */
export function parseLine(json: unknown): BackupLine {
  if (Array.isArray(json)) return { kind: "row", row: readJson(row, json, "row") };
  if (json !== null && typeof json === "object" && "table" in json)
    return { kind: "section", table: readJson(section, json, "section").table };
  return { kind: "manifest", manifest: readJson(manifest, json, "backup").manifest };
}
