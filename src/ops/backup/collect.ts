import { createHash } from "node:crypto";
import { constants, lstatSync, readdirSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { errorCode, RefusedError, UnavailableError } from "../../core/errors.ts";
import { type BackupManifest, MANIFEST } from "./manifest.ts";
import { TAR_END, tarHeader, tarPadding } from "./tar.ts";

/** Something that a backup takes in: a folder, or one file. */
export interface Part {
  /** Folder of its own within the backup. */
  readonly name: string;
  /** Where it is. */
  readonly path: string;
  /** Whether the backup fails when it is not there. */
  readonly required: boolean;
}

/** One file of a part. */
export interface PartFile {
  readonly part: string;
  readonly path: string;
  /** Within the backup: `PART/PATH`. */
  readonly name: string;
}

/**
 * The files of a part, by name; undefined when it is not there.
 *
 * @throws RefusedError for what is neither file nor folder, e.g. a symbolic link: a copy of it would not be what it stands for.
 */
export function filesOf({ name, path, required }: Part): PartFile[] | undefined {
  const root = resolve(path);
  const stats = lstatSync(root, { throwIfNoEntry: false });
  if (stats === undefined) {
    if (!required) return undefined;
    throw new UnavailableError(`backup: ${path} is not there`, {
      next: `take "${name}" out of [backup.include], or put it back`,
    });
  }
  if (stats.isFile()) return [{ part: name, path: root, name: `${name}/${basename(root)}` }];
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !isTemporary(entry.name))
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }));
  for (const { entry, path: file } of files)
    if (!entry.isFile())
      throw new RefusedError(`backup: ${file} is neither a file nor a folder`, {
        next: "put the file itself there, or name its place in [backup.include]",
      });
  return files
    .map(({ path: file }) => ({ part: name, path: file, name: `${name}/${file.slice(root.length + 1)}` }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Half-written files of ours, and what SQLite keeps beside a database: a copy of that has it in it. */
const isTemporary = (name: string): boolean => /\.tmp$|-wal$|-shm$|-journal$/.test(name);

/** What is known once all files were read. */
export interface Collected {
  readonly files: Record<string, string>;
  readonly bytes: Record<string, number>;
}

/**
 * An archive of files, as they are while it reads them, with the manifest last.
 *
 * @param manifest Given what was read.
 */
export async function* archive(
  files: readonly PartFile[],
  manifest: (collected: Collected) => BackupManifest,
): AsyncGenerator<Uint8Array> {
  const collected: Collected = { files: {}, bytes: {} };
  for (const file of files) yield* entryOf(file, collected);
  const content = Buffer.from(`${JSON.stringify(manifest(collected), null, 2)}\n`);
  yield tarHeader({ path: MANIFEST, mode: 0o600, size: content.length });
  yield content;
  yield tarPadding(content.length);
  yield TAR_END;
}

async function* entryOf({ part, path, name }: PartFile, collected: Collected): AsyncGenerator<Uint8Array> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((cause: unknown) => {
    throw new UnavailableError(`backup: ${path} cannot be read (${errorCode(cause)})`, { cause });
  });
  try {
    const { mode, size } = await handle.stat();
    yield tarHeader({ path: name, mode, size });
    const hash = createHash("sha256");
    // A file that grows meanwhile is taken as long as it was at first; one that shrinks is an error.
    for (let at = 0; at < size; ) {
      const { buffer, bytesRead } = await handle.read(
        Buffer.alloc(Math.min(65_536, size - at)),
        0,
        undefined,
        at,
      );
      if (bytesRead === 0)
        throw new UnavailableError(`backup: ${path} shrank while it was read`, { next: "try again" });
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      at += bytesRead;
      yield chunk;
    }
    yield tarPadding(size);
    collected.files[name] = hash.digest("hex");
    collected.bytes[part] = (collected.bytes[part] ?? 0) + size;
  } finally {
    await handle.close();
  }
}
