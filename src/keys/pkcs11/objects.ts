import { randomBytes } from "node:crypto";
import type { Attribute, Template } from "pkcs11js";
import { equalBytes, type Hex, toHex } from "../../core/bytes.ts";
import { CheckError } from "../../core/errors.ts";
import type { KeyInfo, SigningAlgorithm } from "../../core/ports.ts";
import { compressedPoint } from "../ecdsa.ts";
import { isName } from "../key-file.ts";
import { addressOf } from "../secret-key.ts";
import type { Binding } from "./native.ts";

/** Numbers of PKCS #11 3.0 that the binding, which speaks 2.40, has no names for. */
export const EDWARDS = { keyType: 0x40, generate: 0x1055, sign: 0x1057 } as const;

/** DER of the OIDs secp256k1 and id-Ed25519. */
const CURVES: Readonly<Record<SigningAlgorithm, Uint8Array>> = {
  secp256k1: Buffer.from("06052b8104000a", "hex"),
  ed25519: Buffer.from("06032b6570", "hex"),
};
/** DER of the PrintableString "edwards25519", by which PKCS #11 names the same curve. */
const EDWARDS25519 = Buffer.from("130c656477617264733235353139", "hex");

const ID_MAGIC = Buffer.from("PXK1");
const ID_LENGTH = 16;
/** For a key that does not say when it was made: old enough to be overdue. */
const UNKNOWN_TIME = new Date(0).toISOString();

/** What is public of a key on a token. */
export interface TokenKey {
  readonly info: KeyInfo;
  /** CKA_ID of its private part, and of its public one where that has an id. */
  readonly id: Uint8Array;
}

/**
 * CKA_ID of a new key: `"PXK1" || milliseconds since 1970 (48 bits) || 6 random bytes`.
 *
 * The time is here because CKA_START_DATE knows days only, and the binding reads it past its end.
 */
export function newId(now: Date): Uint8Array {
  const time = Buffer.alloc(6);
  time.writeUIntBE(now.getTime(), 0, 6);
  return Buffer.concat([ID_MAGIC, time, randomBytes(6)]);
}

/** Time in a `CKA_ID` of ours; 1970 for any other. */
export function timeOf(id: Uint8Array): string {
  const ours = id.length === ID_LENGTH && equalBytes(id.subarray(0, 4), ID_MAGIC);
  return ours ? new Date(Buffer.from(id).readUIntBE(4, 6)).toISOString() : UNKNOWN_TIME;
}

/** The two templates of a new key: it is made on the token, never leaves it, and cannot be edited. */
export function newKeyTemplates(
  binding: Binding,
  name: string,
  algorithm: SigningAlgorithm,
  id: Uint8Array,
): { readonly publicKey: Template; readonly privateKey: Template } {
  const keyType = algorithm === "secp256k1" ? binding.CKK_EC : EDWARDS.keyType;
  const both = [
    { type: binding.CKA_KEY_TYPE, value: keyType },
    { type: binding.CKA_TOKEN, value: true },
    { type: binding.CKA_MODIFIABLE, value: false },
    { type: binding.CKA_LABEL, value: name },
    { type: binding.CKA_ID, value: Buffer.from(id) },
  ];
  return {
    publicKey: [
      { type: binding.CKA_CLASS, value: binding.CKO_PUBLIC_KEY },
      ...both,
      { type: binding.CKA_PRIVATE, value: false },
      { type: binding.CKA_VERIFY, value: true },
      { type: binding.CKA_EC_PARAMS, value: Buffer.from(CURVES[algorithm]) },
    ],
    privateKey: [
      { type: binding.CKA_CLASS, value: binding.CKO_PRIVATE_KEY },
      ...both,
      { type: binding.CKA_PRIVATE, value: true },
      { type: binding.CKA_SENSITIVE, value: true },
      { type: binding.CKA_EXTRACTABLE, value: false },
      { type: binding.CKA_SIGN, value: true },
    ],
  };
}

/** What to ask of a public key object, for {@link readPublicKey}. */
export function publicKeyQuery(binding: Binding): Template {
  const { CKA_LABEL, CKA_ID, CKA_KEY_TYPE, CKA_EC_PARAMS, CKA_EC_POINT } = binding;
  return [CKA_LABEL, CKA_ID, CKA_KEY_TYPE, CKA_EC_PARAMS, CKA_EC_POINT].map((type) => ({ type }));
}

/**
 * The key that a public key object tells of.
 *
 * @returns undefined for one that ProofX has no use for: another curve, a label that is no key name.
 * @throws CheckError when its point is none.
 */
export function readPublicKey(attributes: readonly Attribute[]): TokenKey | undefined {
  const [label, id, , curve, point] = attributes.map(({ value }) =>
    Buffer.isBuffer(value) ? value : Buffer.alloc(0),
  );
  if (label === undefined || id === undefined || curve === undefined || point === undefined) return undefined;
  const name = label.toString();
  const algorithm = algorithmOf(curve);
  if (!isName(name) || algorithm === undefined) return undefined;
  const publicKey = algorithm === "secp256k1" ? compressedPoint(unwrap(point)) : edwardsPoint(unwrap(point));
  const address = algorithm === "secp256k1" ? { address: addressOf(publicKey) } : {};
  return { info: { name, algorithm, publicKey, ...address, createdAt: timeOf(id) }, id };
}

function algorithmOf(curve: Uint8Array): SigningAlgorithm | undefined {
  if (equalBytes(curve, CURVES.secp256k1)) return "secp256k1";
  return equalBytes(curve, CURVES.ed25519) || equalBytes(curve, EDWARDS25519) ? "ed25519" : undefined;
}

/** Bytes of a point in an OCTET STRING: Ed25519, compressed, uncompressed. None is the length of a bare one. */
const WRAPPED = [34, 35, 67];

/** CKA_EC_POINT is a DER OCTET STRING; some tokens leave the wrapping out, and one point in 256 then looks like one. */
function unwrap(point: Uint8Array): Uint8Array {
  const wrapped = WRAPPED.includes(point.length) && point[0] === 0x04 && point[1] === point.length - 2;
  return wrapped ? point.subarray(2) : point;
}

function edwardsPoint(point: Uint8Array): Hex {
  if (point.length === 32) return toHex(point);
  throw new CheckError(`the token's Ed25519 public key has ${point.length} bytes instead of 32`);
}
