import { z } from "zod";
import { requireLength, toHex, uint } from "../bytes.ts";
import { CheckError, InputError } from "../errors.ts";
import { sizedText, taggedHash } from "../hash.ts";
import { hexField, readJson, u64Field, uintField, uuidField } from "../json.ts";
import type { Json } from "../json-value.ts";
import type { EventSigner } from "../log/build.ts";
import { verifyEd25519 } from "../log/signature.ts";
import { uuidBytes } from "../uuid.ts";
import {
  type AleoNetwork,
  addressField,
  networkField,
  programField,
  requireAleoAddress,
  requireNetwork,
  requireProgram,
  signatureField,
} from "./names.ts";
import type { AleoSignatures, AleoSigner } from "./ports.ts";

/** Which registry on which network a stream's agents are bound to. */
export interface BindingPlace {
  readonly network: AleoNetwork;
  /** The registry, e.g. `agent_registry_v3.aleo`. */
  readonly program: string;
  /** 32 bytes. */
  readonly streamId: Uint8Array;
}

/** That an agent of a stream and an Aleo account are one: what both keys sign. */
export interface BindingStatement extends BindingPlace {
  /** UUID. */
  readonly agentId: string;
  readonly aleoAddress: string;
  /** u64, from 1; greater than that of every binding of the agent before. */
  readonly nonce: bigint;
  /** Unix time (s), u64: the last second at which the binding can be recorded, and at which it counts. */
  readonly expiry: bigint;
}

/** A statement with both signatures. */
export interface AleoBinding extends BindingStatement {
  /** Which of the agent's registered keys signed; u32, from 1. */
  readonly agentKeyId: number;
  /** Ed25519 over `bindingHash`, 64 bytes. */
  readonly agentSignature: Uint8Array;
  /** The Aleo account's over the same 32 bytes, `sign1...` */
  readonly aleoSignature: string;
}

/**
 * `H("PROOFX_ALEO_BIND_V1" || S network || S program || stream id || U agent || S aleo address || u64 nonce || u64 expiry)`.
 *
 * @throws InputError when a field has no encoding; for nonce 0.
 */
export function bindingHash(statement: BindingStatement): Uint8Array {
  if (statement.nonce < 1n) throw InputError.expected("nonce", "1 or more", statement.nonce);
  return taggedHash(
    "PROOFX_ALEO_BIND_V1",
    sizedText("network", requireNetwork("network", statement.network)),
    sizedText("program", requireProgram("program", statement.program)),
    requireLength("stream_id", statement.streamId, 32),
    uuidBytes("agent_id", statement.agentId),
    sizedText("aleo_address", requireAleoAddress("aleo_address", statement.aleoAddress)),
    uint("nonce", statement.nonce, 8),
    uint("expiry", statement.expiry, 8),
  );
}

/** Both keys of an agent sign. @throws CheckError when a signer's answer does not hold; InputError as `bindingHash`. */
export async function signBinding(
  statement: Omit<BindingStatement, "aleoAddress">,
  agent: { readonly keyId: number; readonly signer: EventSigner },
  aleo: AleoSigner,
  signatures: AleoSignatures,
): Promise<AleoBinding> {
  const whole = { ...statement, aleoAddress: aleo.address };
  const hash = bindingHash(whole);
  const binding = {
    ...whole,
    agentKeyId: agent.keyId,
    agentSignature: requireLength("agent_signature", await agent.signer.sign(hash), 64),
    aleoSignature: await aleo.sign(hash),
  };
  verifyBinding(binding, agent.signer.publicKey, signatures);
  return binding;
}

/**
 * Checks both signatures of a binding. Whether it counts depends on the others: `BindingBook`.
 *
 * @param agentKey The agent's Ed25519 key that `agentKeyId` names, 32 bytes; the caller looks it up.
 * @throws CheckError naming the signature that does not hold.
 */
export function verifyBinding(binding: AleoBinding, agentKey: Uint8Array, signatures: AleoSignatures): void {
  const hash = bindingHash(binding);
  const fault = (what: string) =>
    new CheckError(`binding of agent ${binding.agentId} to ${binding.aleoAddress}: ${what}`);
  if (!verifyEd25519(binding.agentSignature, hash, agentKey))
    throw fault(`agent_signature does not hold under key ${toHex(agentKey)}`);
  if (!signatures.verify(binding.aleoAddress, hash, binding.aleoSignature))
    throw fault("aleo_signature is not the address's");
}

const bindingSchema = z.strictObject({
  network: networkField,
  program: programField,
  stream_id: hexField(32),
  agent_id: uuidField,
  agent_key_id: uintField(2 ** 32 - 1),
  aleo_address: addressField,
  nonce: u64Field.refine((nonce) => nonce >= 1n, { error: "1 or more" }),
  expiry: u64Field,
  agent_signature: hexField(64),
  aleo_signature: signatureField,
});

/** Reads the payload of `aleo.identity.bound`. Form only: `verifyBinding` checks it. @throws InputError `path: expected X, got Y`. */
export function parseBinding(json: unknown, path = "$"): AleoBinding {
  const wire = readJson(bindingSchema, json, path);
  return {
    network: wire.network,
    program: wire.program,
    streamId: wire.stream_id,
    agentId: wire.agent_id,
    agentKeyId: wire.agent_key_id,
    aleoAddress: wire.aleo_address,
    nonce: wire.nonce,
    expiry: wire.expiry,
    agentSignature: wire.agent_signature,
    aleoSignature: wire.aleo_signature,
  };
}

/** A binding as JSON; what `parseBinding` reads. */
export function bindingToJson(binding: AleoBinding): Readonly<Record<string, Json>> {
  return {
    network: binding.network,
    program: binding.program,
    stream_id: toHex(binding.streamId),
    agent_id: binding.agentId,
    agent_key_id: binding.agentKeyId,
    aleo_address: binding.aleoAddress,
    nonce: binding.nonce.toString(),
    expiry: binding.expiry.toString(),
    agent_signature: toHex(binding.agentSignature),
    aleo_signature: binding.aleoSignature,
  };
}
