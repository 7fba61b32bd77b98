import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { errorCode } from "../../core/errors.ts";
import { Problem } from "../support/problem.ts";

const ID = /^[0-9a-f-]{36}$/;

/**
 * Uploads that can be interrupted: each is a file whose length is its offset, so what arrived before a crash is there
 * after it, and nothing is acknowledged before it is on the disk.
 */
export class Uploads {
  readonly #folder: string;
  readonly #writing = new Set<string>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Opens the folder and removes uploads that no turn waits for. */
  static async open(folder: string, current: string | undefined): Promise<Uploads> {
    await mkdir(folder, { recursive: true });
    const uploads = new Uploads(folder);
    for (const name of await readdir(folder)) if (name !== current) await uploads.remove(name);
    return uploads;
  }

  pathOf(id: string): string {
    if (!ID.test(id)) throw new Problem("not-found", "no such upload");
    return join(this.#folder, id);
  }

  /** Makes an empty upload. @returns its id. */
  async create(): Promise<string> {
    const id = randomUUID();
    const handle = await open(this.pathOf(id), "wx", 0o600);
    await handle.sync();
    await handle.close();
    const folder = await open(this.#folder, "r");
    await folder.sync();
    await folder.close();
    return id;
  }

  /** Bytes that are on the disk. @throws Problem when there is no such upload. */
  async offset(id: string): Promise<number> {
    try {
      return (await stat(this.pathOf(id))).size;
    } catch (cause) {
      if (errorCode(cause) !== "ENOENT") throw cause;
      throw new Problem("not-found", "no such upload");
    }
  }

  /**
   * Appends what the client sends. A connection that breaks leaves what arrived.
   *
   * @returns the new offset, on the disk.
   * @throws Problem when the offset is another, the body is too long, or another request writes.
   */
  async append(id: string, offset: number, length: number, body: Readable): Promise<number> {
    if (this.#writing.has(id)) throw new Problem("upload-busy", "another request writes to this upload");
    this.#writing.add(id);
    try {
      const there = await this.offset(id);
      if (offset !== there) throw new Problem("upload-conflict", `the upload's offset is ${there}`);
      return await this.#write(id, there, length, body);
    } finally {
      this.#writing.delete(id);
    }
  }

  async #write(id: string, offset: number, length: number, body: Readable): Promise<number> {
    const handle = await open(this.pathOf(id), "r+");
    let at = offset;
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        if (at + chunk.length > length) throw new Problem("too-large", `the upload is ${length} bytes long`);
        await handle.write(chunk, 0, chunk.length, at);
        at += chunk.length;
      }
      return at;
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw new Problem("upload-conflict", "the connection broke; what arrived is kept", { cause: error });
    } finally {
      await handle.sync();
      await handle.close();
    }
  }

  async remove(id: string): Promise<void> {
    if (ID.test(id)) await rm(join(this.#folder, id), { force: true });
  }
}
