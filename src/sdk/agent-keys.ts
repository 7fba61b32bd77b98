import { z } from "zod";
import { equalBytes, toHex } from "../core/bytes.ts";
import { InputError } from "../core/errors.ts";
import { hexField, uintField } from "../core/json.ts";
import { proveAgentKey } from "../core/log/key-statement.ts";
import { readAnswer } from "./answer.ts";
import type { Agent } from "./draft.ts";
import { SequencerRefusal } from "./refusal.ts";
import { jsonOf, type Transport } from "./transport.ts";

/** How a new key follows an older one of the same agent. */
export interface Replacement {
  /** The key that it replaces. */
  readonly replaces: number;
  /** How long both are valid, seconds. */
  readonly overlapSeconds?: number;
}

const KEYS = z.looseObject({
  keys: z.array(z.looseObject({ key_id: uintField(2 ** 32 - 1), public_key: hexField(32) })),
});

/**
 * Registers an agent's key in a stream, with the proof that the agent has it. A key that is registered already is left as
 * it is, so a lost answer does no harm.
 *
 * @throws SequencerRefusal when another key has the number, or the credential may not; InputError for key id 0.
 */
export async function registerAgentKey(
  transport: Transport,
  { tenant, store }: { readonly tenant: string; readonly store: string },
  { id, keyId, signer }: Agent,
  replacement?: Replacement,
  signal?: AbortSignal,
): Promise<void> {
  if (keyId < 1) throw InputError.expected("key_id", "1 or more", keyId);
  const proof = await proveAgentKey({ tenantId: tenant, storeId: store, agentId: id, keyId }, signer);
  const body = JSON.stringify({
    key_id: keyId,
    public_key: toHex(signer.publicKey),
    proof: toHex(proof),
    ...(replacement === undefined ? {} : { replaces: replacement.replaces }),
    ...(replacement?.overlapSeconds === undefined ? {} : { overlap_seconds: replacement.overlapSeconds }),
  });
  const path = `stores/${store}/agents/${id}/keys`;
  try {
    await transport.call(path, { method: "POST", body, accept: "application/json", signal }, () => undefined);
  } catch (error) {
    if (!(error instanceof SequencerRefusal) || error.status !== 409) throw error;
    const { keys } = readAnswer(
      KEYS,
      await transport.call(path, { accept: "application/json", signal }, jsonOf),
      "keys",
    );
    const ours = keys.find(({ key_id }) => key_id === keyId);
    if (ours === undefined || !equalBytes(ours.public_key, signer.publicKey)) throw error;
  }
}
