import { BlockList, isIP } from "node:net";
import { z } from "zod";

const count = (least: number, most: number, what: string) => {
  const error = `an integer from ${least} to ${most} (${what})`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

const rate = (perSecond: number, burst: number) =>
  z
    .strictObject({
      /** Requests a second. */
      rate: count(1, 1_000_000, "requests a second").default(perSecond),
      /** Requests that may come at once. */
      burst: count(1, 10_000_000, "requests").default(burst),
    })
    .refine((given) => given.burst >= given.rate, { path: ["burst"], error: "at least the rate" })
    .prefault({});

const NETWORK = 'an address or network, e.g. "127.0.0.1" or "10.0.0.0/8"';

/** The `[access]` section: what a client may cost before and after it is known. */
export const accessSettings = z.strictObject({
  /** What tokens have to name in `aud`; the log's name without it. */
  audience: z.string({ error: "a text" }).min(1).max(200).optional(),
  /** How long a credential counts as good without another look: how long a revocation can go unnoticed. */
  cache_seconds: count(1, 60, "seconds").default(5),
  cached_credentials: count(16, 1_000_000, "credentials").default(10_000),
  /** Credentials that are none, from one address. */
  failures_per_minute: count(1, 100_000, "failures a minute").default(30),
  /** Per credential and process. */
  rates: z
    .strictObject({
      events_ingest: rate(100, 500),
      events_read: rate(1_000, 2_000),
      commitments: rate(10, 50),
    })
    .prefault({}),
  /** How many times that all of a tenant's credentials have together. */
  tenant_times: count(1, 1_000, "times").default(20),
  /** Who may say in X-Forwarded-For whom it speaks for; nobody without it. */
  trusted_proxies: z
    .array(z.string({ error: NETWORK }).refine(isNetwork, { error: NETWORK }), {
      error: `a list of: ${NETWORK}`,
    })
    .default([]),
});

/** What the `[access]` section says. */
export type AccessSettings = z.output<typeof accessSettings>;

/** The networks of a list that `accessSettings` took. */
export function networkList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    list.addSubnet(address, bits === undefined ? (family === "ipv6" ? 128 : 32) : Number(bits), family);
  }
  return list;
}

function isNetwork(text: string): boolean {
  const [address = "", bits, more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more !== undefined) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32));
}
