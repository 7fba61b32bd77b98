import { readFileSync } from "node:fs";
import { ed25519 } from "@noble/curves/ed25519.js";
import { type AleoSigner, parseBinding } from "../../../src/core/aleo/index.ts";
import { fromHex } from "../../../src/core/bytes.ts";
import type { Json } from "../../../src/core/json.ts";
import type { EventSigner } from "../../../src/core/log/index.ts";

type Payload = { readonly [field: string]: Json };

/** Known answers; see test/vectors/aleo/make.py. */
export const VECTORS: {
  readonly agent_secret: string;
  readonly agent_public: string;
  readonly aleo_seed: string;
  readonly tenant_id: string;
  readonly store_id: string;
  readonly binding_hash: string;
  readonly unbinding_hash: string;
  readonly bound: Payload;
  readonly unbound: Payload;
  readonly trust: Payload;
  readonly trust_commands: readonly string[];
  readonly stake: Payload;
  readonly stake_command: string;
} = JSON.parse(readFileSync(new URL("../../vectors/aleo/vectors.json", import.meta.url), "utf8"));

export const BINDING = parseBinding(VECTORS.bound);

/** An Ed25519 key of 32 equal bytes. */
export function agentSigner(fill: number): EventSigner {
  return signerOf(new Uint8Array(32).fill(fill));
}

/** The vectors' agent. */
export const AGENT_SIGNER = signerOf(fromHex("agent_secret", VECTORS.agent_secret, 32));

/** An Aleo account of 32 equal bytes; of 7 it is the vectors'. */
export async function aleoSigner(fill: number): Promise<AleoSigner> {
  const { PrivateKey, Signature } = await import("@provablehq/sdk/testnet.js");
  const key = PrivateKey.from_seed_unchecked(new Uint8Array(32).fill(fill));
  return {
    address: key.to_address().to_string(),
    sign: async (message) => Signature.sign(key, message).to_string(),
  };
}

function signerOf(secret: Uint8Array): EventSigner {
  return { publicKey: ed25519.getPublicKey(secret), sign: async (hash) => ed25519.sign(hash, secret) };
}
