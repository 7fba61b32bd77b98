import { type FileHandle, open } from "node:fs/promises";
import { CheckError, InputError, UnavailableError } from "../core/errors.ts";

export interface Section {
  /** Bytes from the file's start to the section's content. */
  readonly offset: number;
  readonly size: number;
}

/** A file in iden3's binary container: magic, u32 version, u32 count, then sections of u32 id, u64 size, content. */
export interface BinFile {
  readonly version: number;
  readonly sections: ReadonlyMap<number, Section>;
  /** Reads a part of a section; the part must lie in it. */
  read(id: number, from: number, length: number): Promise<Buffer>;
}

/**
 * Opens such a file, checks that it is whole, and hands it to `run`.
 *
 * snarkjs itself reads on past the end of a short file, so a partial download must be found here.
 *
 * @param what the file's name in messages, e.g. "powers of tau".
 * @throws UnavailableError when it cannot be read; InputError when it is another kind of file; CheckError when it is cut.
 */
export async function withBinFile<T>(
  what: string,
  path: string,
  magic: "ptau" | "zkey" | "r1cs",
  run: (file: BinFile) => Promise<T>,
): Promise<T> {
  const handle = await open(path, "r").catch((cause: unknown) => {
    throw new UnavailableError(`${what}: cannot read ${path}`, { cause });
  });
  try {
    return await run(await readContainer(what, path, magic, handle));
  } finally {
    await handle.close();
  }
}

async function readContainer(
  what: string,
  path: string,
  magic: string,
  handle: FileHandle,
): Promise<BinFile> {
  const info = await handle.stat();
  if (!info.isFile()) throw InputError.expected(what, `a ${magic} file`, path);
  const { size } = info;
  const cut = (): CheckError =>
    new CheckError(
      `${what}: ${path} is cut short or damaged: it has ${size} bytes and its sections need others`,
      {
        next: "fetch or make the file again",
      },
    );
  const at = async (offset: number, length: number): Promise<Buffer> => {
    if (offset + length > size) throw cut();
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await handle.read(buffer, 0, length, offset);
    if (bytesRead !== length) throw cut();
    return buffer;
  };
  if (size < 4 || (await at(0, 4)).toString("latin1") !== magic) {
    throw InputError.expected(what, `a ${magic} file`, path);
  }
  const header = await at(4, 8);
  const sections = new Map<number, Section>();
  let offset = 12;
  for (let left = header.readUInt32LE(4); left > 0; left -= 1) {
    const head = await at(offset, 12);
    const length = Number(head.readBigUInt64LE(4));
    const id = head.readUInt32LE(0);
    if (sections.has(id)) throw new CheckError(`${what}: ${path} has section ${id} twice`);
    sections.set(id, { offset: offset + 12, size: length });
    offset += 12 + length;
    if (offset > size) throw cut();
  }
  if (offset !== size) throw cut();
  return {
    version: header.readUInt32LE(0),
    sections,
    async read(id, from, length) {
      const section = sections.get(id);
      if (section === undefined || from + length > section.size) throw cut();
      return await at(section.offset + from, length);
    },
  };
}
