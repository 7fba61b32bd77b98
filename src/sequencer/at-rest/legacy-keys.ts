import { InputError } from "../../core/errors.ts";
import { readPrivateFile } from "../../keys/files.ts";

/**
 * Reads the keys that records of the format SSE1 were sealed with: one a line, 64 hex digits, newest first; empty lines and lines
 * after `#` are left out.
 *
 * @param path A file that only its owner may read.
 * @throws InputError naming the line and nothing of it.
 */
export async function readLegacyKeys(path: string): Promise<Uint8Array[]> {
  const content = await readPrivateFile("legacy keys", path, "follow");
  const keys: Uint8Array[] = [];
  for (const [i, line] of content.toString("latin1").split("\n").entries()) {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    if (!/^(?:0x)?[0-9a-f]{64}$/i.test(text)) {
      throw new InputError(`legacy keys: ${path}, line ${i + 1}: expected 64 hex digits, got something else`);
    }
    keys.push(Uint8Array.from(Buffer.from(text.replace(/^0x/i, ""), "hex")));
  }
  content.fill(0);
  if (keys.length === 0) throw InputError.expected("legacy keys", "at least one key in the file", path);
  return keys;
}
