import { createHash } from "node:crypto";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import type { DrandChain } from "../../../src/setup/ceremony/index.ts";

const SECRET = new Uint8Array(32).fill(7);
const scheme = bls12_381.shortSignatures;

/** A drand chain of one known secret, so that tests have rounds to announce; a round a day since 2026. */
export const TEST_CHAIN: DrandChain = {
  publicKey: hex(scheme.getPublicKey(SECRET).toBytes(true)),
  period: 86_400,
  genesis: Date.parse("2026-01-01T00:00:00.000Z") / 1000,
  groupHash: `0x${"11".repeat(32)}`,
  beaconId: "test",
};

/** The chain's signature on a round. */
export function signRound(round: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(round));
  const digest = new Uint8Array(createHash("sha256").update(bytes).digest());
  const message = scheme.hash(digest, "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_");
  return hex(scheme.sign(message, SECRET).toBytes(true));
}

function hex(bytes: Uint8Array): `0x${string}` {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}
