import { asciiInto, requireLength, requireUint, utf8, writeUint32, writeUint64 } from "./bytes.ts";
import { sha256 } from "./sha256.ts";
import { writeUuid } from "./uuid.ts";

/** Room for all that is hashed for an event but its payload. */
const ROOM = 1_024;

/** Those that nobody writes to. */
const idle: Preimage[] = [];

/**
 * Begins what is hashed behind an ASCII tag that only one kind of hash begins with; `digest` ends it. Each event has half a dozen
 * such hashes of a dozen fields: those are written where they are hashed, and no array is made for any of them.
 */
export function preimage(tag: string): Preimage {
  return (idle.pop() ?? new Preimage()).begin(tag);
}

/** Fields one after another, as docs/formats.md writes them; each method throws InputError naming its field. */
export class Preimage {
  #bytes = new Uint8Array(ROOM);
  #length = 0;

  begin(tag: string): this {
    this.#length = 0;
    return this.#ascii("tag", tag);
  }

  /** `U(x)`: the 16 bytes of a UUID. */
  uuid(what: string, text: string): this {
    const at = this.#take(16);
    writeUuid(what, text, this.#bytes, at);
    return this;
  }

  /** `u8`. */
  byte(value: number): this {
    const at = this.#take(1);
    this.#bytes[at] = value;
    return this;
  }

  /** `u32`, the highest byte first. */
  u32(what: string, value: number): this {
    requireUint(what, value, 4);
    const at = this.#take(4);
    writeUint32(this.#bytes, at, value);
    return this;
  }

  /** `u64`, the highest byte first. */
  u64(what: string, value: bigint | number): this {
    requireUint(what, value, 8);
    const at = this.#take(8);
    writeUint64(this.#bytes, at, value);
    return this;
  }

  /** `S(x)`: `u32 length || utf8`. */
  text(what: string, text: string): this {
    const at = this.#take(4);
    this.#ascii(what, text);
    writeUint32(this.#bytes, at, this.#length - at - 4);
    return this;
  }

  /** Bytes as they are. @param length How many there have to be, if that is known. */
  bytes(what: string, bytes: Uint8Array, length = bytes.length): this {
    requireLength(what, bytes, length);
    const at = this.#take(length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** SHA-256 of it all, 32 bytes; nothing may be written to it after. */
  digest(): Uint8Array {
    const digest = sha256(this.#bytes.subarray(0, this.#length));
    // One that had to grow for a long payload is let go.
    if (this.#bytes.length === ROOM) idle.push(this);
    return digest;
  }

  /** UTF-8; most of it is ASCII. */
  #ascii(what: string, text: string): this {
    const at = this.#take(text.length);
    if (asciiInto(text, this.#bytes, at)) return this;
    this.#length = at;
    return this.bytes(what, utf8(what, text));
  }

  /** Makes room for that many more bytes. @returns Where they go. */
  #take(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) this.#grow();
    return at;
  }

  #grow(): void {
    const more = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
    more.set(this.#bytes);
    this.#bytes = more;
  }
}
