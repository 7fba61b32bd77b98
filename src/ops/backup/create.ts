import { randomBytes, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { rename } from "node:fs/promises";
import { dirname } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { createGzip } from "node:zlib";
import { Encrypter } from "age-encryption";
import { digestStream } from "../../chain/digest-stream.ts";
import { CheckError } from "../../core/errors.ts";
import { syncFolder } from "../../keys/files.ts";
import { archive, type Collected, filesOf, type Part } from "./collect.ts";
import { copyDatabases } from "./databases.ts";
import { BACKUP_FILE_VERSION, type BackupHeader, type BackupManifest } from "./manifest.ts";
import { readBackup } from "./read.ts";
import { sealIdentity } from "./seal.ts";
import { type BackupSigner, signHeader } from "./signature.ts";

/** What a backup is made of, and for whom. */
export interface BackupPlan {
  readonly parts: readonly Part[];
  /** Age recipients by holder. */
  readonly holders: Readonly<Record<string, string>>;
  /** How many holders it takes together. */
  readonly threshold: number;
  /** Who signs it; nobody where undefined. */
  readonly signer: BackupSigner | undefined;
  readonly now?: Date;
}

/** A backup that was written and read back. */
export interface CreatedBackup {
  readonly file: string;
  readonly header: BackupHeader;
}

/**
 * Writes a backup and reads it back with its own identity, which is then forgotten: from here on only its holders open it. The file
 * appears under its name when it is whole, right and on disk; the old one of that name is then gone.
 *
 * @throws UnavailableError for a part that is not there; RefusedError for one that cannot be taken; InputError for a recipient that is
 *   none, or a signer that has no key; CheckError when what was read back is not what was written.
 */
export async function createBackup(file: string, plan: BackupPlan): Promise<CreatedBackup> {
  const found = plan.parts.map((part) => ({ part, files: filesOf(part) }));
  const there = found.filter((each) => each.files !== undefined);
  const about = {
    proofx_backup_file: BACKUP_FILE_VERSION as typeof BACKUP_FILE_VERSION & 1,
    id: randomUUID(),
    taken_at: (plan.now ?? new Date()).toISOString(),
    absent: found.filter(({ files }) => files === undefined).map(({ part }) => part.name),
  };
  const sealed = await sealIdentity(about.id, plan.holders, plan.threshold);
  let manifest: BackupManifest | undefined;
  const describe = ({ files, bytes }: Collected): BackupManifest => {
    const parts = there.map(({ part: { name, path }, files: own }) => ({
      name,
      source: path,
      files: own?.length ?? 0,
      bytes: bytes[name] ?? 0,
    }));
    manifest = { ...about, parts, files };
    return manifest;
  };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  const copies = mkdtempSync(`${temporary}.copies-`);
  try {
    const files = await copyDatabases(
      there.flatMap((each) => each.files ?? []),
      copies,
    );
    const source = Readable.from(archive(files, describe), { objectMode: false });
    // Where one holder is enough, `tail -n +2 FILE | age -d | tar xz` opens it without this program.
    const recipients = plan.threshold === 1 ? Object.values(plan.holders) : [];
    const content = await writeSealed(`${temporary}.content.tmp`, source, [sealed.recipient, ...recipients]);
    if (manifest === undefined) throw new Error("an archive ends with its manifest");
    const { files: _, ...rest } = manifest;
    const unsigned = { ...rest, threshold: plan.threshold, holders: [...sealed.holders], content };
    const { header, trust } = await signHeader(unsigned, plan.signer);
    await join(temporary, JSON.stringify(header), `${temporary}.content.tmp`);
    const read = await readBackup(temporary, { identity: sealed.identity }, trust);
    if (read.manifest.id !== about.id) throw new CheckError(`${file}: another backup was read back`);
    await rename(temporary, file);
    await syncFolder(dirname(file));
    return { file, header };
  } finally {
    rmSync(copies, { recursive: true, force: true });
    rmSync(temporary, { force: true });
    rmSync(`${temporary}.content.tmp`, { force: true });
  }
}

/** Compresses and encrypts to all of the recipients, into a new file. */
async function writeSealed(
  path: string,
  source: Readable,
  recipients: readonly string[],
): Promise<BackupHeader["content"]> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const plain = new PassThrough();
  const compressed = pipeline(source, createGzip({ level: 4 }), plain);
  const sealed = await encrypter.encrypt(Readable.toWeb(plain) as globalThis.ReadableStream<Uint8Array>);
  const counted = digestStream();
  const file = createWriteStream(path, { flags: "wx", mode: 0o600 });
  const written = pipeline(Readable.fromWeb(sealed as unknown as ReadableStream), counted.stream, file);
  await Promise.all([compressed, written]);
  return counted.digest();
}

/** The header's line, and the content behind it; on disk once this resolves. */
async function join(path: string, line: string, content: string): Promise<void> {
  async function* both(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(`${line}\n`);
    yield* createReadStream(content);
  }
  await pipeline(
    Readable.from(both(), { objectMode: false }),
    createWriteStream(path, { flags: "wx", mode: 0o600, flush: true }),
  );
}
