import { BigInt, bigInt, ByteArray, Bytes, crypto } from "@graphprotocol/graph-ts";
import { ProofVerified } from "../generated/ProofXVerifier/ProofXVerifier";
import { bytes32Of, join, numberAt, reversed, slice, WORD } from "./bytes";

const ATTEST = Bytes.fromHexString("0x34624537");
const ATTEST_BATCH = Bytes.fromHexString("0x00fcb3ce");
/** Words of a `Submission` (contracts/interfaces/IProofXVerifier.sol), which has no dynamic member. */
const WORDS = 12;
const SCALAR_ORDER = BigInt.fromString(
  "21888242871839275222246405745257275088548364400416034343698204186575808495617",
);

/** What a submission says and its event does not. */
export class Submission {
  constructor(
    public streamId: Bytes,
    public agentId: Bytes,
    public batchIndex: i32,
  ) {}
}

/**
 * Finds the submission behind an event in the input of its transaction. None when another contract passed it on: its input
 * is that contract's own affair.
 */
export function submissionOf(event: ProofVerified): Submission | null {
  let to = event.transaction.to;
  let input = event.transaction.input;
  if (!to || to.notEqual(event.address) || input.length < 4) return null;
  let selector = slice(input, 0, 4);
  let body = slice(input, 4, input.length - 4);
  if (selector.equals(ATTEST)) return matching(body, 0, 1, event);
  if (!selector.equals(ATTEST_BATCH)) return null;
  let list = numberAt(body, 0);
  if (list < 0) return null;
  let count = numberAt(body, list);
  return count < 0 ? null : matching(body, list + WORD, count, event);
}

/** The one of `count` submissions from `start` on that has the event's subject, policy and end. */
function matching(body: Bytes, start: i32, count: i32, event: ProofVerified): Submission | null {
  for (let i = 0; i < count; i++) {
    let at = start + i * WORDS * WORD;
    if (at + WORDS * WORD > body.length) return null;
    let streamId = slice(body, at + WORD, WORD);
    let agentId = slice(body, at + 2 * WORD, 16);
    if (
      slice(body, at, WORD).equals(bytes32Of(event.params.policyId)) &&
      slice(body, at + 4 * WORD, WORD).equals(bytes32Of(event.params.batchEnd)) &&
      subjectOf(streamId, agentId).equals(event.params.subject)
    )
      return new Submission(streamId, agentId, numberAt(body, at + 3 * WORD));
  }
  return null;
}

/** As the contract's `subjectOf`. */
function subjectOf(streamId: Bytes, agentId: Bytes): BigInt {
  let name = ByteArray.fromUTF8("PROOFX_SUBJECT_V1");
  let encoded = join([
    bytes32Of(BigInt.fromI32(3 * WORD)),
    streamId,
    agentId,
    new Bytes(WORD - agentId.length),
    bytes32Of(BigInt.fromI32(name.length)),
    name,
    new Bytes(WORD - name.length),
  ]);
  return bigInt.mod(BigInt.fromUnsignedBytes(reversed(crypto.keccak256(encoded))), SCALAR_ORDER);
}
