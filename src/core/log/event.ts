import type { Json } from "../json-value.ts";

/** Version 1 and 2 are VES as published; version 3 is ours and alone may carry a facts commitment. */
export type VesVersion = 1 | 2 | 3;

/** One recipient's sealed copy of the payload key (HPKE base mode, X25519-HKDF-SHA256, AES-256-GCM). */
export interface PayloadRecipient {
  /** Which of the recipients' registered keys it is for; u32. */
  readonly recipientKid: number;
  /** Encapsulated key, 32 bytes. */
  readonly enc: Uint8Array;
  /** Sealed 32-byte key, 48 bytes. */
  readonly ct: Uint8Array;
}

/** An encrypted payload (AES-256-GCM under a key sealed to each recipient); bytes, no base64. */
export interface EncryptedPayload {
  /** 12 bytes. */
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
  /** 16 bytes. */
  readonly tag: Uint8Array;
  /** At least one, in ascending order of `recipientKid`, none twice. */
  readonly recipients: readonly PayloadRecipient[];
}

/** Who, what and when of an event, apart from its payload. UUIDs are lower-case text. */
export interface EventHeader {
  readonly vesVersion: VesVersion;
  readonly eventId: string;
  readonly tenantId: string;
  readonly storeId: string;
  readonly sourceAgentId: string;
  /** Which of the agent's registered keys signs; u32. */
  readonly agentKeyId: number;
  readonly entityType: string;
  readonly entityId: string;
  readonly eventType: string;
  /** RFC 3339 text, signed as it is written. */
  readonly createdAt: string;
  /** UUID; unsigned in version 1. */
  readonly commandId?: string;
  /** u64; unsigned in version 1. */
  readonly baseVersion?: bigint;
  /** Hiding hash of the facts, 32 bytes below `SCALAR_ORDER`; version 3 only. */
  readonly factsCommitment?: Uint8Array;
}

export interface PlainPayload {
  readonly payloadKind: 0;
  readonly payload: Json;
}

export interface SealedPayload {
  readonly payloadKind: 1;
  readonly payloadEncrypted: EncryptedPayload;
}

/** A signed event: the envelope of docs/formats.md section 1, without what the sequencer adds. */
export type VesEvent = EventHeader &
  (PlainPayload | SealedPayload) & {
    /** 32 bytes. */
    readonly payloadPlainHash: Uint8Array;
    /** 32 bytes; zero when the payload is plain. */
    readonly payloadCipherHash: Uint8Array;
    /** 64 bytes, Ed25519 over the signing hash. */
    readonly agentSignature: Uint8Array;
  };

/** An event before its agent has signed it. */
export type UnsignedEvent = VesEvent extends infer E
  ? E extends VesEvent
    ? Omit<E, "agentSignature">
    : never
  : never;

/** What of an event its signing hash is made of. */
export type SignedContent = EventHeader & {
  readonly payloadKind: 0 | 1;
  readonly payloadPlainHash: Uint8Array;
  readonly payloadCipherHash: Uint8Array;
};

/** What an agent decides about an event; `buildEvent` computes the rest. A sealed payload brings its own plain hash. */
export type EventFields = EventHeader &
  (PlainPayload | (SealedPayload & { readonly payloadPlainHash: Uint8Array }));

/** An event with its place in its stream; sequences start at 1. */
export interface SequencedEvent {
  readonly sequence: bigint;
  readonly event: VesEvent;
}
