import { requireLength, toHex, uint } from "../bytes.ts";
import { CheckError } from "../errors.ts";
import { taggedHash } from "../hash.ts";
import { uuidBytes } from "../uuid.ts";
import type { EventSigner } from "./build.ts";
import { verifyEd25519 } from "./signature.ts";

/** That a public key is an agent's in one stream, under one number. */
export interface AgentKeyStatement {
  /** UUIDs; tenant and store name the stream. */
  readonly tenantId: string;
  readonly storeId: string;
  readonly agentId: string;
  /** u32, from 1. */
  readonly keyId: number;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/**
 * The 32 bytes that the key itself signs to be registered: whoever registers a key has it, and meant it for this agent.
 *
 * @throws InputError when a field has no encoding.
 */
export function agentKeyMessage(statement: AgentKeyStatement): Uint8Array {
  return taggedHash(
    "PROOFX_AGENT_KEY_V1",
    uuidBytes("tenant_id", statement.tenantId),
    uuidBytes("store_id", statement.storeId),
    uuidBytes("agent_id", statement.agentId),
    uint("key_id", statement.keyId, 4),
    requireLength("public_key", statement.publicKey, 32),
  );
}

/** The proof of possession, 64 bytes. @throws CheckError when the signer does not have the key. */
export async function proveAgentKey(
  statement: Omit<AgentKeyStatement, "publicKey">,
  signer: EventSigner,
): Promise<Uint8Array> {
  const whole = { ...statement, publicKey: signer.publicKey };
  const proof = requireLength("proof", await signer.sign(agentKeyMessage(whole)), 64);
  verifyAgentKeyProof(whole, proof);
  return proof;
}

/** @throws CheckError unless the key itself signed that it is this agent's; also for a key of small order. */
export function verifyAgentKeyProof(statement: AgentKeyStatement, proof: Uint8Array): void {
  if (verifyEd25519(proof, agentKeyMessage(statement), statement.publicKey)) return;
  throw new CheckError(
    `key ${statement.keyId} of agent ${statement.agentId}: the proof does not hold under ${toHex(statement.publicKey)}`,
  );
}
