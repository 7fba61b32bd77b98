import { type BlockList, isIP } from "node:net";

/** A request, as far as its sender's address is asked for. */
export interface Addressed {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/**
 * Who sent a request: the peer, or whom a trusted proxy says it speaks for. The header is read from its end, where the nearest proxy
 * wrote, and only as far as those who wrote it are trusted; the rest of it anybody may have made up.
 */
export function clientAddress({ headers, socket }: Addressed, trusted: BlockList): string {
  let address = socket.remoteAddress ?? "";
  const given = headers["x-forwarded-for"];
  const hops = (Array.isArray(given) ? given.join(",") : (given ?? "")).split(",");
  while (isIn(address, trusted)) {
    const before = hops.pop()?.trim();
    if (before === undefined || isIP(before) === 0) break;
    address = before;
  }
  return address;
}

function isIn(address: string, list: BlockList): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  const family = isIP(plain);
  return family !== 0 && list.check(plain, family === 6 ? "ipv6" : "ipv4");
}
