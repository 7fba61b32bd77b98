import { createHash } from "node:crypto";
import { encodeBase58 } from "ethers";
import { InputError } from "../../core/errors.ts";

/** Bytes of a file's piece, as IPFS cuts them unless told otherwise. */
const PIECE = 262_144;
/** Pieces that one node names. */
const WIDTH = 174;
/** Bytes of the largest file that {@link cidOf} knows the name of. */
export const LARGEST_FILE = PIECE * WIDTH;

/**
 * The name that IPFS gives to a file: CIDv0, the SHA-256 of its UnixFS node. A file above 256 KiB is cut into pieces, and one node names
 * them all.
 *
 * @throws InputError above {@link LARGEST_FILE}, where a tree of such nodes would be wanted.
 */
export function cidOf(file: Uint8Array): string {
  if (file.length > LARGEST_FILE)
    throw InputError.expected("file", `at most ${LARGEST_FILE} bytes`, file.length);
  const leaves: Leaf[] = [];
  for (let at = 0; at === 0 || at < file.length; at += PIECE)
    leaves.push(leaf(file.subarray(at, at + PIECE)));
  const [first] = leaves;
  const hash = leaves.length === 1 && first !== undefined ? first.hash : root(file.length, leaves);
  return encodeBase58(hash);
}

interface Leaf {
  /** Multihash of the node. */
  readonly hash: Uint8Array;
  /** Bytes of the node, and of the piece within it. */
  readonly size: number;
  readonly piece: number;
}

function leaf(piece: Uint8Array): Leaf {
  const data = piece.length === 0 ? [] : [bytes(2, piece)];
  const node = bytes(1, Buffer.concat([number(1, FILE), ...data, number(3, piece.length)]));
  return { hash: multihash(node), size: node.length, piece: piece.length };
}

function root(length: number, leaves: readonly Leaf[]): Uint8Array {
  const links = leaves.map(({ hash, size }) =>
    bytes(2, Buffer.concat([bytes(1, hash), bytes(2, new Uint8Array()), number(3, size)])),
  );
  const sizes = leaves.map(({ piece }) => number(4, piece));
  const data = bytes(1, Buffer.concat([number(1, FILE), number(3, length), ...sizes]));
  return multihash(Buffer.concat([...links, data]));
}

/** UnixFS' type of a node. */
const FILE = 2;

/** SHA-256 with the words of the multihash format before it: which hash, how long. */
function multihash(node: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([0x12, 0x20]), createHash("sha256").update(node).digest()]);
}

/** A field of a protocol buffer: a whole number, or bytes with their length. */
const number = (field: number, value: number): Buffer => Buffer.concat([varint(field << 3), varint(value)]);
const bytes = (field: number, value: Uint8Array): Buffer =>
  Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out.push((rest % 0x80) | 0x80);
  return Buffer.from([...out, rest]);
}
