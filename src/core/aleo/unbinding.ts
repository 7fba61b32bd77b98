import { z } from "zod";
import { requireLength, toHex } from "../bytes.ts";
import { taggedHash } from "../hash.ts";
import { hexField, readJson, uuidField } from "../json.ts";
import type { Json } from "../json-value.ts";
import type { BindingPlace } from "./binding.ts";
import { addressField, networkField, programField, signatureField } from "./names.ts";

/**
 * That a binding is at an end: said by the agent itself, in an event of its own, or by the Aleo account, whose signature any
 * agent of the stream may bring. Each side can go without the other.
 */
export interface AleoUnbinding extends BindingPlace {
  /** UUID. */
  readonly agentId: string;
  readonly aleoAddress: string;
  /** Hash of the binding that ends, 32 bytes. */
  readonly bindingHash: Uint8Array;
  /** The Aleo account's over `unbindingHash`; absent in the agent's own word. */
  readonly aleoSignature?: string;
}

/** `H("PROOFX_ALEO_UNBIND_V1" || binding hash)`: what the Aleo account signs to end a binding without the agent. */
export function unbindingHash(bindingHash: Uint8Array): Uint8Array {
  return taggedHash("PROOFX_ALEO_UNBIND_V1", requireLength("binding_hash", bindingHash, 32));
}

const unbindingSchema = z.strictObject({
  network: networkField,
  program: programField,
  stream_id: hexField(32),
  agent_id: uuidField,
  aleo_address: addressField,
  binding_hash: hexField(32),
  aleo_signature: signatureField.optional(),
});

/** Reads the payload of `aleo.identity.unbound`. @throws InputError `path: expected X, got Y`. */
export function parseUnbinding(json: unknown, path = "$"): AleoUnbinding {
  const wire = readJson(unbindingSchema, json, path);
  return {
    network: wire.network,
    program: wire.program,
    streamId: wire.stream_id,
    agentId: wire.agent_id,
    aleoAddress: wire.aleo_address,
    bindingHash: wire.binding_hash,
    ...(wire.aleo_signature === undefined ? {} : { aleoSignature: wire.aleo_signature }),
  };
}

/** An unbinding as JSON; what `parseUnbinding` reads. */
export function unbindingToJson(unbinding: AleoUnbinding): Readonly<Record<string, Json>> {
  const { aleoSignature } = unbinding;
  return {
    network: unbinding.network,
    program: unbinding.program,
    stream_id: toHex(unbinding.streamId),
    agent_id: unbinding.agentId,
    aleo_address: unbinding.aleoAddress,
    binding_hash: toHex(unbinding.bindingHash),
    ...(aleoSignature === undefined ? {} : { aleo_signature: aleoSignature }),
  };
}
