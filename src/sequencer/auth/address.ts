import { isIPv4, isIPv6 } from "node:net";

/** Bits of an address that are told apart. */
export interface BucketBits {
  readonly v4: number;
  readonly v6: number;
}

/** One customer of a network: what a limit is counted by. */
export const ONE_HOST: BucketBits = { v4: 32, v6: 64 };
/** One network: what an audit event names, so that it holds no one's address. */
export const ONE_NETWORK: BucketBits = { v4: 24, v6: 48 };

/** The network that an address is in, e.g. `192.0.2.0/24`; `unknown` for what is no address. */
export function addressBucket(address: string, bits: BucketBits): string {
  const plain = address.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIPv4(plain)) {
    const kept = masked(plain.split(".").map(Number), 8, bits.v4);
    return `${kept.join(".")}/${bits.v4}`;
  }
  if (!isIPv6(plain)) return "unknown";
  const kept = masked(groupsOf(plain), 16, bits.v6).map((group) => group.toString(16));
  return `${kept.join(":")}/${bits.v6}`;
}

function masked(parts: readonly number[], width: number, bits: number): number[] {
  return parts.map((part, index) => {
    const kept = Math.min(width, Math.max(0, bits - index * width));
    return part & ~((1 << (width - kept)) - 1);
  });
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  // URL writes it in its one short form, with an IPv4 tail as groups.
  const short = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = "", tail] = short.split("::");
  const read = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const before = read(head);
  const after = read(tail ?? "");
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}
