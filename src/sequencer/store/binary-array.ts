import { writeUuid } from "../../core/uuid.ts";

/** A type of PostgreSQL's that lists are sent in. */
export type ElementType = keyof typeof TYPES;

/** A value of a list; what each type takes is in `TYPES`. */
export type Element = string | number | bigint | Uint8Array | null;

/**
 * A list for an array parameter, with the type of what is in it: a column of many rows. In PostgreSQL's text form every byte would
 * be two characters and every number its digits, which both sides would have to write and read.
 */
export class SqlList {
  readonly type: ElementType;
  readonly items: readonly Element[];

  constructor(type: ElementType, items: readonly Element[]) {
    this.type = type;
    this.items = items;
  }
}

interface Binary {
  readonly oid: number;
  lengthOf(value: Element): number;
  write(target: Buffer, value: Element, at: number): void;
}

/** Each type by its number in PostgreSQL, and the binary form that its `recv` function reads. */
const TYPES = {
  bytea: {
    oid: 17,
    lengthOf: (value) => (value as Uint8Array).length,
    write: (target, value, at) => target.set(value as Uint8Array, at),
  },
  int8: {
    oid: 20,
    lengthOf: () => 8,
    write: (target, value, at) => target.writeBigInt64BE(BigInt(value as bigint | number), at),
  },
  int2: {
    oid: 21,
    lengthOf: () => 2,
    write: (target, value, at) => target.writeInt16BE(value as number, at),
  },
  int4: {
    oid: 23,
    lengthOf: () => 4,
    write: (target, value, at) => target.writeInt32BE(value as number, at),
  },
  text: {
    oid: 25,
    lengthOf: (value) => Buffer.byteLength(value as string),
    write: (target, value, at) => target.write(value as string, at),
  },
  uuid: {
    oid: 2950,
    lengthOf: () => 16,
    write: (target, value, at) => writeUuid("uuid", value as string, target, at),
  },
} satisfies Record<string, Binary>;

const HEADER = 20;
const EMPTY = 12;

/**
 * A list in the binary form of PostgreSQL's arrays.
 *
 * @throws InputError for a text that is no UUID in a list of them; RangeError for a number that is not in its type.
 */
export function binaryArray({ type, items }: SqlList): Buffer {
  const { oid, lengthOf, write }: Binary = TYPES[type];
  let length = HEADER;
  let nulls = 0;
  for (const each of items) {
    if (each === null) nulls += 1;
    else length += lengthOf(each);
    length += 4;
  }
  const empty = items.length === 0;
  const array = Buffer.allocUnsafe(empty ? EMPTY : length);
  // Dimensions, whether there are nulls, the elements' type; then how many there are and the first one's index.
  array.writeInt32BE(empty ? 0 : 1, 0);
  array.writeInt32BE(nulls === 0 ? 0 : 1, 4);
  array.writeInt32BE(oid, 8);
  if (empty) return array;
  array.writeInt32BE(items.length, 12);
  array.writeInt32BE(1, 16);
  let at = HEADER;
  for (const each of items) {
    const size = each === null ? -1 : lengthOf(each);
    at = array.writeInt32BE(size, at);
    if (each === null) continue;
    write(array, each, at);
    at += size;
  }
  return array;
}

/** A list of nothing but byte strings, which no other type has. */
export function isBytes(list: readonly unknown[]): list is readonly Uint8Array[] {
  return list.length > 0 && list.every((each) => each instanceof Uint8Array);
}
