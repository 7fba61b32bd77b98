import { randomBytes } from "node:crypto";
import type { AesGCM, Mechanism, Template } from "pkcs11js";
import { CheckError } from "../../core/errors.ts";
import { isName } from "../key-file.ts";
import {
  committed,
  committing,
  frame,
  notOpened,
  unframe,
  WRAPPED_KEY_BYTES,
  wrapContext,
} from "../wrapping.ts";
import type { Binding } from "./native.ts";
import { type TokenKey, timeOf } from "./objects.ts";
import type { Session } from "./token.ts";

/**
 * AES keys of a token. The key is private to whoever has the PIN; beside it is a public note with its name and id, so that
 * it is listed without the PIN, as the public half of a signing key is.
 */
const APPLICATION = "ProofX aes-256";
const IV = 12;
const TAG = 16;

/** The templates of a new AES key and of its note: it is made on the token, never leaves it, and cannot be edited. */
export function newSecretTemplates(
  binding: Binding,
  name: string,
  id: Uint8Array,
): { readonly note: Template; readonly key: Template } {
  const both = [
    { type: binding.CKA_TOKEN, value: true },
    { type: binding.CKA_MODIFIABLE, value: false },
    { type: binding.CKA_LABEL, value: name },
  ];
  return {
    note: [
      { type: binding.CKA_CLASS, value: binding.CKO_DATA },
      ...both,
      { type: binding.CKA_PRIVATE, value: false },
      { type: binding.CKA_APPLICATION, value: APPLICATION },
      { type: binding.CKA_VALUE, value: Buffer.from(id) },
    ],
    key: [
      { type: binding.CKA_CLASS, value: binding.CKO_SECRET_KEY },
      ...both,
      { type: binding.CKA_KEY_TYPE, value: binding.CKK_AES },
      { type: binding.CKA_VALUE_LEN, value: WRAPPED_KEY_BYTES },
      { type: binding.CKA_ID, value: Buffer.from(id) },
      { type: binding.CKA_PRIVATE, value: true },
      { type: binding.CKA_SENSITIVE, value: true },
      { type: binding.CKA_EXTRACTABLE, value: false },
      { type: binding.CKA_ENCRYPT, value: true },
      { type: binding.CKA_DECRYPT, value: true },
    ],
  };
}

/** The AES keys whose notes are on the token, all or those of a name. */
export function secretKeys(session: Session, name?: string): TokenKey[] {
  const { CKA_CLASS, CKO_DATA, CKA_APPLICATION, CKA_LABEL, CKA_VALUE } = session.binding;
  const notes = session.find([
    { type: CKA_CLASS, value: CKO_DATA },
    { type: CKA_APPLICATION, value: APPLICATION },
    ...(name === undefined ? [] : [{ type: CKA_LABEL, value: name }]),
  ]);
  return notes.flatMap((note): TokenKey[] => {
    const [label, id] = session
      .read(note, [{ type: CKA_LABEL }, { type: CKA_VALUE }])
      .map(({ value }) => (Buffer.isBuffer(value) ? value : Buffer.alloc(0)));
    const found = label?.toString() ?? "";
    if (id === undefined || !isName(found)) return [];
    return [{ info: { name: found, algorithm: "aes-256", publicKey: "0x", createdAt: timeOf(id) }, id }];
  });
}

/** Wraps a key: `"PXW1" || 2 || iv (12) || AES-256-GCM of (32 zero bytes || key) || tag (16)`, under a fresh random IV. */
export function wrapOnToken(
  session: Session,
  handle: Buffer,
  name: string,
  key: Uint8Array,
  aad: Uint8Array,
): Uint8Array {
  const iv = randomBytes(IV);
  const plaintext = committing(key);
  const sealed = session.encrypt(gcm(session.binding, iv, wrapContext(name, aad)), handle, plaintext);
  plaintext.fill(0);
  if (sealed.length !== 2 * WRAPPED_KEY_BYTES + TAG) {
    throw new CheckError(
      `the token's AES-GCM gave ${sealed.length} bytes instead of ${2 * WRAPPED_KEY_BYTES + TAG}`,
    );
  }
  return frame("token", iv, sealed);
}

/** Opens what `wrapOnToken` gave. @throws CheckError when anything is another than it was. */
export function unwrapOnToken(
  session: Session,
  handle: Buffer,
  name: string,
  wrapped: Uint8Array,
  aad: Uint8Array,
): Uint8Array {
  const body = unframe("token", name, wrapped);
  if (body.length !== IV + 2 * WRAPPED_KEY_BYTES + TAG) throw notOpened(name);
  const mechanism = gcm(session.binding, body.subarray(0, IV), wrapContext(name, aad));
  const plaintext = session.decrypt(mechanism, handle, body.subarray(IV));
  if (plaintext === undefined) throw notOpened(name);
  return committed(name, plaintext);
}

function gcm(binding: Binding, iv: Uint8Array, aad: Uint8Array): Mechanism {
  const parameter: AesGCM = {
    type: binding.CK_PARAMS_AES_GCM,
    iv: Buffer.from(iv),
    aad: Buffer.from(aad),
    ivBits: 8 * IV,
    tagBits: 8 * TAG,
  };
  return { mechanism: binding.CKM_AES_GCM, parameter };
}
