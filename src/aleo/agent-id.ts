import { uintFromBytes } from "../core/bytes.ts";
import { InputError } from "../core/errors.ts";
import { uuidBytes, uuidText } from "../core/uuid.ts";

const BYTES = 16;

/** An agent's id on Aleo: the 16 bytes of its UUID as a number, highest first. @throws InputError unless it is a UUID. */
export function agentField(agentId: string): bigint {
  return uintFromBytes(uuidBytes("agent id", agentId));
}

/** The agent id of a number on Aleo: the inverse of {@link agentField}. @throws InputError for a number of more than 16 bytes. */
export function agentIdOf(field: bigint): string {
  if (field < 0n || field >= 1n << 128n) {
    throw InputError.expected("agent on Aleo", "a number of at most 16 bytes", field);
  }
  return uuidText(Uint8Array.from(Buffer.from(field.toString(16).padStart(2 * BYTES, "0"), "hex")));
}
