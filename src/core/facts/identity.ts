import { keccak_256 } from "@noble/hashes/sha3.js";
import { hexToBytes } from "@noble/hashes/utils.js";
import { AbiCoder } from "ethers/abi";
import { uintFromBytes } from "../bytes.ts";
import { InputError } from "../errors.ts";
import { toField } from "./field.ts";

/** What a proof is bound to beside its statement. */
export interface ProofContext {
  readonly chainId: bigint;
  /** Address of the ProofXVerifier, 20 bytes in hex. */
  readonly verifier: string;
  readonly circuitVersion: number;
  /** Address that will send the proof. */
  readonly submitter: string;
  /** Last unix time (s) at which it may be sent. */
  readonly deadline: bigint;
}

/**
 * An agent's name on chain: `keccak256(abi.encode("PROOFX_SUBJECT_V1", streamId, agentId)) mod p`.
 *
 * @param streamId 32 bytes in hex with 0x.
 * @param agentId The agent's UUID: its 16 bytes in hex with 0x.
 * @throws InputError when one of them has another length.
 */
export function subjectOf(streamId: string, agentId: string): bigint {
  requireHex("stream id", streamId, 32);
  requireHex("agent id", agentId, 16);
  return abiHash(["string", "bytes32", "bytes16"], ["PROOFX_SUBJECT_V1", streamId, agentId]);
}

/**
 * The context input: `keccak256(abi.encode(chainid, verifier, circuitVersion, submitter, deadline)) mod p`.
 *
 * @throws InputError when an address or a number is malformed.
 */
export function contextOf(context: ProofContext): bigint {
  const { chainId, verifier, circuitVersion, submitter, deadline } = context;
  requireHex("verifier", verifier, 20);
  requireHex("submitter", submitter, 20);
  requireUnsigned("chain id", chainId, 256);
  requireUnsigned("circuit version", BigInt(circuitVersion), 32);
  requireUnsigned("deadline", deadline, 64);
  return abiHash(
    ["uint256", "address", "uint32", "address", "uint64"],
    [chainId, verifier.toLowerCase(), circuitVersion, submitter.toLowerCase(), deadline],
  );
}

/** A hash reduced to a field element. The contracts reduce alike; two hashes meet with probability about 2^-254. */
function abiHash(types: readonly string[], values: readonly unknown[]): bigint {
  const encoded = AbiCoder.defaultAbiCoder().encode(types, values);
  return toField(uintFromBytes(keccak_256(hexToBytes(encoded.slice(2)))));
}

function requireHex(what: string, value: string, bytes: number): void {
  if (!/^0x[0-9a-fA-F]*$/.test(value) || value.length !== 2 + 2 * bytes) {
    throw InputError.expected(what, `${bytes} bytes in hex with 0x`, value);
  }
}

function requireUnsigned(what: string, value: bigint, bits: number): void {
  if (value < 0n || value >> BigInt(bits) !== 0n) {
    throw InputError.expected(what, `an integer of at most ${bits} bits, not negative`, value);
  }
}
