import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { link, mkdir, open, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorCode, InputError, RefusedError, UnavailableError } from "../core/errors.ts";

const MAX_BYTES = 65_536;

/**
 * Reads a small file that only its owner may read.
 *
 * @param what Names the file's role in errors; its content never gets into them.
 * @param links Whether the path may be a symbolic link, as mounted secrets are.
 * @throws UnavailableError when it cannot be read; RefusedError when others may read or write it.
 */
export async function readPrivateFile(
  what: string,
  path: string,
  links: "follow" | "refuse",
): Promise<Buffer> {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (links === "refuse" ? constants.O_NOFOLLOW : 0);
  const handle = await open(path, flags).catch((cause: unknown) => {
    throw new UnavailableError(`${what}: ${path} cannot be read (${errorCode(cause)})`, { cause });
  });
  try {
    const { mode, size } = await handle.stat();
    if ((mode & constants.S_IFMT) !== constants.S_IFREG || size > MAX_BYTES) {
      throw new InputError(
        `${what}: expected a file of at most ${MAX_BYTES} bytes, got something else: ${path}`,
      );
    }
    if ((mode & 0o077) !== 0) {
      throw new RefusedError(
        `${what}: ${path} is open to other users (mode 0${(mode & 0o777).toString(8)})`,
        {
          next: `chmod 600 ${path}`,
        },
      );
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/**
 * Creates a file with mode 0600, whole or not at all, also when the process is killed or the power fails.
 *
 * It appears under its name by a hard link, which never replaces a file, as a rename would. A kill can leave a hidden
 * `.tmp` file behind, which nothing reads.
 *
 * @returns false when the name is taken.
 */
export async function createFileOnce(folder: string, name: string, content: string): Promise<boolean> {
  const temporary = join(folder, `.${name}.${randomBytes(8).toString("hex")}.tmp`);
  const handle = await open(temporary, "wx", 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(temporary, join(folder, name));
  } catch (cause) {
    if (errorCode(cause) === "EEXIST") return false;
    throw new UnavailableError(`${folder}: its file system takes no hard links (${errorCode(cause)})`, {
      cause,
      next: "keep the keystore on a local file system",
    });
  } finally {
    await unlink(temporary);
  }
  await syncFolder(folder);
  return true;
}

/** Makes a folder that only its owner can enter, unless it exists. */
export async function ensurePrivateFolder(folder: string): Promise<void> {
  const created = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (created !== undefined) await syncFolder(dirname(created));
}

/** @throws RefusedError when other users could put files into the folder. @returns whether it exists. */
export async function checkFolder(what: string, folder: string): Promise<boolean> {
  const stats = await stat(folder).catch((cause: unknown) => {
    if (errorCode(cause) === "ENOENT") return undefined;
    throw new UnavailableError(`${what}: ${folder} cannot be read (${errorCode(cause)})`, { cause });
  });
  if (stats === undefined) return false;
  if (!stats.isDirectory()) throw InputError.expected(what, "a folder", folder);
  if ((stats.mode & 0o022) !== 0) {
    throw new RefusedError(`${what}: other users may write to ${folder}`, { next: `chmod 700 ${folder}` });
  }
  return true;
}

/** A new name is durable only once its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
