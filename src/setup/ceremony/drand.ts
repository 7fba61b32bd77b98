import { createHash } from "node:crypto";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { z } from "zod";
import { concatBytes, fromHex, isHex, uint, utf8 } from "../../core/bytes.ts";
import { InputError } from "../../core/errors.ts";
import { hexText } from "./fields.ts";

/** What fixes a drand chain of the scheme `bls-unchained-g1-rfc9380`; its hash is the chain's name. */
export const drandChainSchema = z.strictObject({
  /** BLS12-381 G2, compressed. */
  publicKey: hexText(96),
  /** Seconds from one round to the next. */
  period: z.int().min(1).max(86_400),
  /** Unix time of round 1. */
  genesis: z.int().min(0).max(4_294_967_295),
  groupHash: hexText(32),
  beaconId: z.string().regex(/^[a-z0-9-]{1,32}$/),
});

export type DrandChain = z.infer<typeof drandChainSchema>;

/** The League of Entropy's public chain: a round every three seconds, signed by a threshold of some twenty organisations. */
export const QUICKNET: DrandChain = {
  publicKey:
    "0x83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a",
  period: 3,
  genesis: 1_692_803_367,
  groupHash: "0xf477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e",
  beaconId: "quicknet",
};

/** Domain of RFC 9380 that the scheme hashes to the curve with. */
const DOMAIN = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";
const SCHEME = "bls-unchained-g1-rfc9380";

/** SHA-256 over period, genesis, public key, group hash and name: what drand calls the chain by. 0x-hex. */
export function drandChainHash(chain: DrandChain): string {
  const { publicKey, period, genesis, groupHash, beaconId } = chain;
  const bytes = concatBytes(
    uint("period", period, 4),
    uint("genesis", genesis, 8),
    fromHex("public key", publicKey),
    fromHex("group hash", groupHash),
    // The first chain has no name in its hash; it is chained, so it is none of ours.
    utf8("beacon id", beaconId),
  );
  return `0x${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Unix milliseconds at which a round is due. */
export function drandRoundTime({ genesis, period }: DrandChain, round: number): number {
  return (genesis + (round - 1) * period) * 1000;
}

/** The first round that is due at a time or after it. */
export function drandRoundAt({ genesis, period }: DrandChain, time: number): number {
  return Math.max(1, Math.ceil((time / 1000 - genesis) / period) + 1);
}

/** The random value that a round's signature gives: its SHA-256, 0x-hex. */
export function drandRandomness(signature: string): string {
  return `0x${createHash("sha256").update(fromHex("signature", signature)).digest("hex")}`;
}

/** Whether a signature (48 bytes, 0x-hex) is the chain's on that round: nobody but the chain's threshold can make it. */
export function isDrandRound(chain: DrandChain, round: number, signature: string): boolean {
  if (!isHex(signature, 48)) return false;
  const scheme = bls12_381.shortSignatures;
  const digest = createHash("sha256")
    .update(uint("round", round, 8))
    .digest();
  try {
    const message = scheme.hash(new Uint8Array(digest), DOMAIN);
    return scheme.verify(
      fromHex("signature", signature),
      message,
      fromHex("public key", chain.publicKey, 96),
    );
  } catch {
    // Bytes that are no point of the group.
    return false;
  }
}

const info = z.looseObject({
  public_key: z.string(),
  period: z.number(),
  genesis_time: z.number(),
  groupHash: z.string(),
  schemeID: z.literal(SCHEME),
  metadata: z.looseObject({ beaconID: z.string() }),
});

/**
 * Reads what a drand node answers to `/<chain>/info`.
 *
 * @throws InputError when it is something else, or a chain of another scheme.
 */
export function parseDrandInfo(what: string, json: unknown): DrandChain {
  const parsed = info.safeParse(json);
  const chain = parsed.success
    ? drandChainSchema.safeParse({
        publicKey: `0x${parsed.data.public_key}`,
        period: parsed.data.period,
        genesis: parsed.data.genesis_time,
        groupHash: `0x${parsed.data.groupHash}`,
        beaconId: parsed.data.metadata.beaconID,
      })
    : undefined;
  if (chain?.success) return chain.data;
  throw InputError.expected(what, `drand's chain info of the scheme ${SCHEME}`, json);
}

const answer = z.looseObject({ round: z.number(), signature: z.string().regex(/^[0-9a-f]{96}$/) });

/**
 * Reads what a drand node answers to `/<chain>/public/<round>`.
 *
 * @returns the signature, 0x-hex, not yet checked.
 * @throws InputError when it is something else, or another round.
 */
export function parseDrandRound(what: string, json: unknown, round: number): string {
  const parsed = answer.safeParse(json);
  if (!parsed.success) throw InputError.expected(what, "drand's answer with round and signature", json);
  if (parsed.data.round !== round)
    throw InputError.expected(what, `the announced round ${round}`, parsed.data.round);
  return `0x${parsed.data.signature}`;
}
