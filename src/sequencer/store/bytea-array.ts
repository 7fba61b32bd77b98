/** Type of PostgreSQL's byte strings. */
const BYTEA = 17;
const HEADER = 20;

/**
 * Byte strings as PostgreSQL's binary form of a `bytea[]`. In its text form every byte is two characters, which both sides
 * would have to write and read.
 *
 * @returns undefined for a list of anything else, or of nothing.
 */
export function byteaArray(list: readonly unknown[]): Buffer | undefined {
  let length = HEADER;
  let nulls = 0;
  for (const each of list) {
    if (each === null) nulls += 1;
    else if (each instanceof Uint8Array) length += each.length;
    else return undefined;
    length += 4;
  }
  if (nulls === list.length) return undefined;
  const array = Buffer.allocUnsafe(length);
  // One dimension, whether there are nulls, the elements' type, how many there are, the first one's index.
  [1, nulls === 0 ? 0 : 1, BYTEA, list.length, 1].forEach((field, index) => {
    array.writeInt32BE(field, 4 * index);
  });
  let at = HEADER;
  for (const each of list as readonly (Uint8Array | null)[]) {
    at = array.writeInt32BE(each === null ? -1 : each.length, at);
    if (each === null) continue;
    array.set(each, at);
    at += each.length;
  }
  return array;
}
