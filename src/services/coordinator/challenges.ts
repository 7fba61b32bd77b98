import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const VALID_MS = 120_000;

/**
 * Challenges that need no memory until they are used: nonce, expiry and a MAC over both under a secret of this process.
 * One that was used is remembered until it expires, so that nobody who listened can join again in another's name.
 */
export class Challenges {
  readonly #secret = randomBytes(32);
  readonly #used = new Map<string, number>();

  /** 64 bytes, 0x-hex. */
  issue(now: number): string {
    const head = Buffer.alloc(32);
    randomBytes(24).copy(head);
    head.writeBigUInt64BE(BigInt(now + VALID_MS), 24);
    return `0x${Buffer.concat([head, this.#mac(head)]).toString("hex")}`;
  }

  /** Whether it is one of ours, not expired and not used before; it is used now. */
  use(challenge: string, now: number): boolean {
    for (const [used, expiry] of this.#used) if (expiry <= now) this.#used.delete(used);
    const bytes = Buffer.from(challenge.slice(2), "hex");
    if (bytes.length !== 64) return false;
    const head = bytes.subarray(0, 32);
    if (!timingSafeEqual(this.#mac(head), bytes.subarray(32))) return false;
    const expiry = Number(head.readBigUInt64BE(24));
    if (expiry <= now || this.#used.has(challenge)) return false;
    this.#used.set(challenge, expiry);
    return true;
  }

  #mac(head: Buffer): Buffer {
    return createHmac("sha256", this.#secret).update(head).digest();
  }
}
