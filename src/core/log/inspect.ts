import { sha256 } from "@noble/hashes/sha2.js";
import { equalBytes, type Hex, toHex, utf8 } from "../bytes.ts";
import { InputError } from "../errors.ts";
import { canonicalJson, type Json } from "../json.ts";
import { parseStrictJson } from "../strict-json.ts";
import type { SignedContent } from "./event.ts";
import { isHash, type Readable, readLeniently } from "./inspect-read.ts";
import { eventFaults } from "./json.ts";
import { eventLeaf, streamId } from "./leaf.ts";
import { cipherHash, NO_CIPHER_HASH, payloadAad, plainHash, recipientsHash } from "./payload.ts";
import { receiptHash } from "./receipt.ts";
import { verifyEd25519 } from "./signature.ts";
import { signingHash } from "./signing.ts";
import { upstreamCipherHash, upstreamPayloadAad, upstreamRecipientsHash } from "./upstream.ts";

/** Every hash of an event, by its name in docs/formats.md. */
export const HASH_NAMES = [
  "payload_plain_hash",
  "payload_cipher_hash",
  "payload_aad",
  "recipients_hash",
  "signing_hash",
  "leaf",
  "stream_id",
  "receipt_hash",
] as const;
export type HashName = (typeof HASH_NAMES)[number];

/** One hash of an event. */
export interface InspectedHash {
  /** As the file has it, beside the event or in its receipt; null when it does not. */
  readonly declared: string | null;
  /** From what the file says; null when what it is made of is missing, malformed or encrypted. */
  readonly computed: Hex | null;
}

/** What is in an event's file, and what is wrong with it. */
export interface Inspection {
  readonly hashes: Readonly<Record<HashName, InspectedHash>>;
  readonly signature: "holds" | "does not hold" | "not checked";
  /** One sentence each; none when all that could be checked holds. */
  readonly problems: readonly string[];
}

export interface InspectOptions {
  /** The event's place, for the leaf and the receipt hash, when the file does not say it. */
  readonly sequence?: bigint;
  /** The agent's Ed25519 key, 32 bytes; without it the signature is not checked. */
  readonly publicKey?: Uint8Array;
}

type Computed = { readonly [name in HashName]: Uint8Array | undefined };
type JsonObject = Readonly<Record<string, unknown>>;

/** What the sequencer adds to an event where it hands it out. */
const GONE = ["payload_erased", "payload_archived"];
const ADDED = new Set([
  "sequence_number",
  "sequenced_at",
  "entity_version",
  "receipt",
  ...GONE,
  ...HASH_NAMES,
]);
const OF_EVENT = new Set(["payload_plain_hash", "payload_cipher_hash"]);
const UPSTREAM =
  "as the upstream sequencer's own code encodes it (binary recipients, u32 length prefixes, no version in the aad); " +
  "expected the published encoding of docs/formats.md";

/**
 * Computes every hash of an event and says in words what is wrong, for whoever debugs an integration.
 *
 * The event may be alone, as the sequencer hands it out, or under `event` beside declared hashes. A fault in one place
 * does not stop the rest: each hash is computed from what the file declares, as any verifier would.
 *
 * @param text JSON of one event. What is JSON but not strict is a problem, not an error.
 * @throws InputError when it is no JSON object.
 */
export function inspectEvent(text: string, options: InspectOptions = {}): Inspection {
  const strict: string[] = [];
  const file = objectOf("$", readText(text, strict));
  const wrapped = Object.hasOwn(file, "event");
  const json = wrapped ? objectOf("$.event", file.event) : file;
  const bare = Object.fromEntries(
    Object.entries(json).filter(([name]) => OF_EVENT.has(name) || !ADDED.has(name)),
  );
  const read = readLeniently(json);
  const declaredSequence = read.sequence ?? readLeniently(file).sequence;
  const sequence = options.sequence ?? declaredSequence;
  const computed = computeHashes(read, sequence);
  const hashes = Object.fromEntries(
    HASH_NAMES.map((name) => {
      const bytes = computed[name];
      return [
        name,
        { declared: declaredIn(file, json, name), computed: bytes === undefined ? null : toHex(bytes) },
      ];
    }),
  ) as Record<HashName, InspectedHash>;
  const signature = checkSignature(read, computed.signing_hash, options.publicKey);
  const problems = [
    ...strict,
    ...formFaults(
      bare,
      wrapped ? "$.event" : "$",
      GONE.some((name) => json[name] === true),
    ),
    ...(options.sequence !== undefined && declaredSequence !== undefined && sequence !== declaredSequence
      ? [`sequence_number: the file says ${declaredSequence}, but ${sequence} was asked for`]
      : []),
    ...HASH_NAMES.flatMap((name) => mismatch(name, hashes[name], read)),
    ...signature.problems,
  ];
  return { hashes, signature: signature.verdict, problems };
}

function readText(text: string, problems: string[]): unknown {
  try {
    return parseStrictJson(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    try {
      const value: unknown = JSON.parse(text);
      problems.push(error.message);
      return value;
    } catch {
      throw error;
    }
  }
}

function objectOf(path: string, value: unknown): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw InputError.expected(path, "an event's JSON object", value);
}

/** @param gone Whether the log says that it has the payload no more: its hashes stand for it. */
function formFaults(bare: JsonObject, path: string, gone: boolean): string[] {
  const isOfPayload = (fault: string): boolean =>
    fault.startsWith(`${path}.payload: `) || fault.startsWith(`${path}.payload_encrypted: `);
  return eventFaults(bare, path).filter((fault) => !gone || !isOfPayload(fault));
}

function declaredIn(file: JsonObject, json: JsonObject, name: HashName): string | null {
  for (const place of [json, file, json.receipt, file.receipt]) {
    const value = typeof place === "object" && place !== null ? Reflect.get(place, name) : undefined;
    if (typeof value === "string") return value;
  }
  return null;
}

function computeHashes(read: Readable, sequence: bigint | undefined): Computed {
  const { kind, stream, header, plain, encrypted } = read;
  const plainOf = kind === 0 && plain ? attempt(() => plainHash(plain.payload)) : undefined;
  // Later hashes are made of the declared ones, as a verifier's are; without a declared one, of the computed.
  const usedPlain = read.plainHash ?? plainOf;
  const aad = kind === 1 && header && usedPlain ? payloadAad(header, usedPlain) : undefined;
  const cipher = kind === 0 ? NO_CIPHER_HASH : aad && encrypted && attempt(() => cipherHash(encrypted, aad));
  const usedCipher = read.cipherHash ?? cipher;
  const content: SignedContent | undefined =
    header && kind !== undefined && usedPlain && usedCipher
      ? { ...header, payloadKind: kind, payloadPlainHash: usedPlain, payloadCipherHash: usedCipher }
      : undefined;
  const signing = content && attempt(() => signingHash(content));
  const agentSignature = read.signature;
  return {
    payload_plain_hash: plainOf,
    payload_cipher_hash: cipher,
    payload_aad: aad,
    recipients_hash:
      kind === 1 && encrypted ? attempt(() => recipientsHash(encrypted.recipients)) : undefined,
    signing_hash: signing,
    leaf:
      content && agentSignature && sequence !== undefined
        ? attempt(() => eventLeaf({ sequence, event: { ...content, agentSignature } }))
        : undefined,
    stream_id: stream && streamId(stream.tenantId, stream.storeId),
    receipt_hash:
      header && signing && sequence !== undefined
        ? attempt(() => receiptHash({ ...header, sequence, signingHash: signing }))
        : undefined,
  };
}

/** What cannot be hashed is undefined: why, stands among the faults of form. */
function attempt(hash: () => Uint8Array): Uint8Array | undefined {
  try {
    return hash();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function mismatch(name: HashName, { declared, computed }: InspectedHash, read: Readable): string[] {
  if (declared === null || computed === null || declared === computed) return [];
  if (!isHash(declared))
    return OF_EVENT.has(name) ? [] : [`${name}: expected ${computed}, got "${declared}"`];
  const guess = likeness(name, declared, read);
  return [
    `${name}: the file declares ${declared}, its content gives ${computed}${guess === undefined ? "" : `: ${guess}`}`,
  ];
}

/** What a wrong hash is, where it is a mistake that integrators make. */
function likeness(name: HashName, declared: string, read: Readable): string | undefined {
  const { header, plainHash: plain, encrypted } = read;
  const is = (hash: () => Uint8Array): boolean => {
    const bytes = attempt(hash);
    return bytes !== undefined && toHex(bytes) === declared;
  };
  if (name === "payload_plain_hash" && read.plain !== undefined) return plainLikeness(read.plain.payload, is);
  if (name === "payload_cipher_hash" && read.kind === 0) return "a plain payload has 32 zero bytes";
  if (header === undefined || plain === undefined || encrypted === undefined) return undefined;
  const aad = attempt(() => upstreamPayloadAad(header, plain));
  const theirs =
    (name === "payload_aad" && aad !== undefined && toHex(aad) === declared) ||
    (name === "recipients_hash" && is(() => upstreamRecipientsHash(encrypted))) ||
    (name === "payload_cipher_hash" && aad !== undefined && is(() => upstreamCipherHash(encrypted, aad)));
  return theirs ? `it is ${UPSTREAM}` : undefined;
}

function plainLikeness(payload: Json, is: (hash: () => Uint8Array) => boolean): string | undefined {
  const tag = "VES_PAYLOAD_PLAIN_V1";
  const asWritten = JSON.stringify(payload);
  if (is(() => sha256(canonicalJson("payload", payload)))) return `it lacks the tag "${tag}"`;
  if (is(() => sha256(utf8("payload", tag + asWritten)))) {
    return "it is of the payload as it was written, not in canonical form (RFC 8785)";
  }
  if (is(() => sha256(utf8("payload", asWritten)))) {
    return `it is of the payload as it was written, without the tag "${tag}" and not in canonical form (RFC 8785)`;
  }
  return undefined;
}

interface SignatureCheck {
  readonly verdict: Inspection["signature"];
  readonly problems: readonly string[];
}

function checkSignature(
  { signature, header, kind, plainHash: plain, cipherHash: cipher }: Readable,
  signing: Uint8Array | undefined,
  publicKey: Uint8Array | undefined,
): SignatureCheck {
  if (publicKey === undefined) return { verdict: "not checked", problems: [] };
  if (signature === undefined || signing === undefined) {
    return {
      verdict: "not checked",
      problems: ["agent_signature: it cannot be checked before the faults of form are mended"],
    };
  }
  const holds = (message: Uint8Array): boolean => verifyEd25519(signature, message, publicKey);
  if (holds(signing)) return { verdict: "holds", problems: [] };
  const other =
    header && kind !== undefined && plain && cipher
      ? ([1, 2, 3] as const).find((vesVersion) => {
          const content = {
            ...header,
            vesVersion,
            payloadKind: kind,
            payloadPlainHash: plain,
            payloadCipherHash: cipher,
          };
          const hash = vesVersion === header.vesVersion ? undefined : attempt(() => signingHash(content));
          return hash !== undefined && !equalBytes(hash, signing) && holds(hash);
        })
      : undefined;
  const guess =
    other !== undefined
      ? `: it holds over the signing hash of version ${other}`
      : holds(utf8("hash", toHex(signing))) || holds(utf8("hash", toHex(signing).slice(2)))
        ? ": it holds over the hash written as hex; expected over its 32 bytes"
        : "";
  return {
    verdict: "does not hold",
    problems: [
      `agent_signature: it does not hold over the signing hash under key ${toHex(publicKey)}${guess}`,
    ],
  };
}
