import { z } from "zod";
import { hexField, readJson, u64Field, uintField, uuidField } from "../../core/json.ts";

const text = z.string({ error: "text" }).min(1, { error: "text" });
const peaks = z.array(hexField(32)).max(64, { error: "at most 64 peaks" });
const sequence = u64Field.refine((n) => n >= 1n, { error: "1 or more" });

const header = z.strictObject({
  proofx_archive: z.literal(1, { error: "1" }),
  tenant_id: uuidField,
  store_id: uuidField,
  stream_id: hexField(32),
  /** Inclusive. */
  start_sequence: sequence,
  end_sequence: sequence,
  /** The log before the range: roots of its complete subtrees, largest first. */
  before: peaks,
  columns: z.array(text),
});

const row = z.array(z.string().nullable(), { error: "a row: a list of texts" });

const manifest = z.strictObject({
  manifest: z.strictObject({
    rows: uintField(Number.MAX_SAFE_INTEGER),
    /** RFC 9162 roots of the stream's log before the range (of the empty log before sequence 1) and at its end. */
    root_before: hexField(32),
    root_at_end: hexField(32),
    /** SHA-256 of every byte before this line, hex. */
    sha256: z.string({ error: "64 hex digits" }).regex(/^[0-9a-f]{64}$/, { error: "64 hex digits" }),
  }),
});

export type ArchiveHeader = z.output<typeof header>;
export type ArchiveManifest = z.output<typeof manifest>["manifest"];

export const parseArchiveHeader = (json: unknown): ArchiveHeader => readJson(header, json, "archive");
export const parseArchiveRow = (json: unknown): (string | null)[] => readJson(row, json, "row");
export const parseArchiveManifest = (json: unknown): ArchiveManifest =>
  readJson(manifest, json, "archive").manifest;
