import { z } from "zod";
import type { Hex } from "../../core/bytes.ts";
import { CheckError } from "../../core/errors.ts";
import { faultsOf } from "../../core/json.ts";
import { publicKeyField } from "./settings.ts";

/** Version of the files written here. */
const VERSION = 1;

const SHA256 = z.string().regex(/^[0-9a-f]{64}$/, { error: "SHA-256 in hex" });

const partField = z.strictObject({
  name: z.string(),
  /** Where it was, as the configuration named it. */
  source: z.string(),
  files: z.int().min(0),
  bytes: z.int().min(0),
});

const about = {
  proofx_backup_file: z.literal(VERSION, { error: String(VERSION) }),
  /** UUID. */
  id: z.uuid({ error: "a UUID" }),
  taken_at: z.iso.datetime({ error: "an RFC 3339 time in UTC" }),
  parts: z.array(partField),
  /** Standard parts that were not there. */
  absent: z.array(z.string()),
};

const holderField = z.strictObject({
  name: z.string(),
  recipient: z.string(),
  /** Base64 of an age file for this holder: the file's identity where one is enough, else this holder's share of it. */
  sealed: z.string(),
});

const signatureField = z.strictObject({
  /** As the signer's machine calls the key; nothing that anybody may rely on. */
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, { error: "a key's name" }),
  algorithm: z.enum(["ed25519", "secp256k1"]),
  public_key: publicKeyField,
  /** 64 bytes. */
  signature: z.custom<Hex>((value) => typeof value === "string" && /^0x[0-9a-f]{128}$/.test(value), {
    error: "a signature of 64 bytes",
  }),
});

const headerLine = z.strictObject({
  ...about,
  threshold: z.int().min(1).max(255),
  holders: z.array(holderField).min(1),
  /** Of the encrypted content behind this line. */
  content: z.strictObject({ bytes: z.int().min(0), sha256: SHA256 }),
  /** Who wrote it, over all the rest of this line, and so over the content. */
  signed_by: signatureField.optional(),
});

const manifestFile = z.strictObject({ ...about, files: z.record(z.string(), SHA256) });

/** A backup's first line, which anybody may read: what it holds and who opens it, and no secret. */
export type BackupHeader = z.output<typeof headerLine>;
/** The last file of a backup's archive: what a reader has to have seen. */
export type BackupManifest = z.output<typeof manifestFile>;
export type BackupPart = z.output<typeof partField>;

/** Name of the manifest within the archive. */
export const MANIFEST = "manifest.json";
export const BACKUP_FILE_VERSION = VERSION;

/** @throws CheckError for a line that is none. */
export const parseHeaderLine = (line: string, file: string): BackupHeader =>
  parse(headerLine, line, `${file}: no backup of an organisation`);

/** @throws CheckError for content that is none. */
export const parseManifest = (content: string): BackupManifest =>
  parse(manifestFile, content, "the backup's manifest is none");

function parse<T extends z.ZodType>(schema: T, content: string, what: string): z.output<T> {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw new CheckError(`${what}: no JSON`, { cause });
  }
  const [fault] = faultsOf(schema, value);
  if (fault !== undefined) throw new CheckError(`${what}: ${fault}`);
  return schema.parse(value);
}
