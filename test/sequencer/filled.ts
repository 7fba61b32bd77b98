import { createHash } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { concatBytes, fromHex, toHex, uintFromBytes } from "../../src/core/bytes.ts";
import {
  buildFactsTree,
  type Facts,
  factCommitment,
  factsLeaf,
  factsToJson,
  subjectOf,
} from "../../src/core/facts/index.ts";
import { canonicalJson, type Json } from "../../src/core/json.ts";
import {
  appendToLog,
  buildEvent,
  buildReceipt,
  checkpointText,
  closeBatch,
  cosign,
  EMPTY_LOG,
  EMPTY_STREAM,
  type EventFields,
  type EventSigner,
  eventLeaf,
  logRoot,
  noteText,
  proveAgentKey,
  type Receipt,
  type SequencedEvent,
  SIGNATURE_TYPE,
  signatureLine,
  signingHash,
  signNote,
  streamId,
  type VerifierKey,
} from "../../src/core/log/index.ts";
import { uuidBytes } from "../../src/core/uuid.ts";
import type { PayloadOpener } from "../../src/sequencer/audit-file/index.ts";
import type { Store } from "../../src/sequencer/store/index.ts";

export const TENANT = "550e8400-e29b-41d4-a716-446655440000";
export const STORE = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
export const AGENT = "7190cd52-1320-48cf-bbb4-4027e952c6ab";
const REGISTRAR = "0e1d2c3b-4a59-4687-b7a6-95848372615f";
const OPERATOR = "00000000-0000-4000-8000-000000000001";
const LOG = "proofx.test";
const T0 = Date.UTC(2026, 0, 30, 12);

/** A signer whose key is the hash of a name. */
export function signerOf(name: string): EventSigner {
  const secret = createHash("sha256").update(name).digest();
  return {
    publicKey: ed25519.getPublicKey(secret),
    sign: async (message) => ed25519.sign(message, secret),
  };
}

/** A stream that was put into a database, and what its readers know of it. */
export interface FilledStream {
  readonly tenantId: string;
  readonly storeId: string;
  readonly streamId: Uint8Array;
  readonly events: readonly SequencedEvent[];
  readonly receipts: readonly Receipt[];
  /** Facts of each agent's event, by sequence number. */
  readonly facts: ReadonlyMap<bigint, Facts>;
  readonly logKey: VerifierKey;
  readonly witnessKey: VerifierKey;
}

export interface FillOptions {
  readonly tenantId?: string;
  readonly storeId?: string;
  /** The agent's events, after the two of the registrar. */
  readonly events?: number;
  /** Events a batch; what does not fill one stays unbatched. */
  readonly batch?: number;
  readonly anchor?: { readonly chainId: bigint; readonly registry: Uint8Array };
}

/** Facts of the agent's `i`-th event. */
export const factsOf = (i: number): Facts => ({
  amounts: [BigInt(1000 + i), 10n, 5n, 6n],
  category: 7,
  salt: BigInt(987_654_321 + i),
});

/**
 * Puts one stream with real events, receipts, batches and a cosigned checkpoint into a database, as the sequencer would,
 * but with payloads that are not sealed. Every tenth event has no facts.
 */
export async function fillStream(store: Store, options: FillOptions = {}): Promise<FilledStream> {
  const { tenantId = TENANT, storeId = STORE, events: count = 6, batch: batchSize = 4 } = options;
  const id = streamId(tenantId, storeId);
  const origin = `${LOG}/${toHex(id).slice(2)}`;
  const checkpointSigner = { name: origin, ...signerOf("checkpoint") };
  const witness = { name: "witness.example/one", ...signerOf("witness") };
  const facts = new Map<bigint, Facts>();
  const events = await makeEvents(tenantId, storeId, count, origin, facts);
  const receipts = await Promise.all(
    events.map((each) =>
      buildReceipt(each, {
        sequencedAt: BigInt(T0) + each.sequence * 1000n,
        keyId: 1,
        signer: signerOf("receipt"),
      }),
    ),
  );
  await insert(store, id, events, receipts);
  await insertBatches(store, id, events, batchSize, options.anchor);
  const log = appendToLog(EMPTY_LOG, events.map(eventLeaf));
  const text = checkpointText({ origin, size: log.size, root: logRoot(log) });
  const note = await signNote(text, [checkpointSigner]);
  const line = signatureLine(await cosign(text, witness, BigInt(T0 / 1000))).trimEnd();
  await store.as("owner").transaction(tenantId, async (sql) => {
    await sql.query("INSERT INTO proofx.checkpoints VALUES ($1, $2, $3, $4, $5, $6, $7)", [
      tenantId,
      storeId,
      log.size,
      logRoot(log),
      noteText(note),
      concatBytes(...log.peaks),
      BigInt(T0),
    ]);
    await sql.query("INSERT INTO proofx.cosignatures VALUES ($1, $2, $3, $4, $5)", [
      tenantId,
      storeId,
      log.size,
      witness.name,
      line,
    ]);
  });
  return {
    tenantId,
    storeId,
    streamId: id,
    events,
    receipts,
    facts,
    logKey: { name: origin, type: SIGNATURE_TYPE.note, publicKey: checkpointSigner.publicKey },
    witnessKey: { name: witness.name, type: SIGNATURE_TYPE.cosignature, publicKey: witness.publicKey },
  };
}

/** Payloads of `fillStream` as they are kept. */
export const openPlain: PayloadOpener = async (_stream, row) =>
  JSON.parse(new TextDecoder().decode(row.payload));

async function makeEvents(
  tenantId: string,
  storeId: string,
  count: number,
  origin: string,
  facts: Map<bigint, Facts>,
): Promise<SequencedEvent[]> {
  const registrar = signerOf("registrar");
  const agent = signerOf("agent");
  const publicKey = (name: string): string => toHex(signerOf(name).publicKey);
  const header = (n: number, eventType: string): Omit<EventFields, "payload" | "payloadKind"> =>
    ({
      vesVersion: 3,
      eventId: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
      tenantId,
      storeId,
      sourceAgentId: REGISTRAR,
      agentKeyId: 1,
      entityType: "proofx.stream",
      entityId: storeId,
      eventType,
      createdAt: new Date(T0 + n * 1000).toISOString(),
    }) as never;
  const own = async (n: number, type: string, payload: Json) => ({
    sequence: BigInt(n),
    event: await buildEvent({ ...header(n, type), payloadKind: 0, payload } as never, registrar),
  });
  const statement = { tenantId, storeId, agentId: AGENT, keyId: 1 };
  const events: SequencedEvent[] = [
    await own(1, "proofx.stream.opened", {
      registrar: { agent_id: REGISTRAR, key_id: 1, public_key: publicKey("registrar") },
      receipt_key: { key_id: 1, public_key: publicKey("receipt") },
      checkpoint_key: { origin, public_key: publicKey("checkpoint") },
    }),
    await own(2, "proofx.key.registered", {
      agent_id: AGENT,
      key_id: 1,
      public_key: publicKey("agent"),
      proof: toHex(await proveAgentKey(statement, agent)),
    }),
  ];
  for (let i = 0; i < count; i++) {
    const n = i + 3;
    const own = factsOf(i);
    const withFacts = i % 10 !== 9;
    if (withFacts) facts.set(BigInt(n), own);
    const fields = {
      ...header(n, "order.paid"),
      sourceAgentId: AGENT,
      entityType: "order",
      entityId: `order-${n}`,
      payloadKind: 0,
      payload: { order: n, ...(withFacts ? { facts: factsToJson(own) as unknown as Json } : {}) },
      ...(withFacts ? { factsCommitment: bytes32(factCommitment(own)) } : {}),
    };
    events.push({ sequence: BigInt(n), event: await buildEvent(fields as never, agent) });
  }
  return events;
}

const bytes32 = (element: bigint): Uint8Array =>
  fromHex("field", `0x${element.toString(16).padStart(64, "0")}`, 32);

async function insert(
  store: Store,
  id: Uint8Array,
  events: readonly SequencedEvent[],
  receipts: readonly Receipt[],
): Promise<void> {
  const { tenantId, storeId } = events[0]?.event ?? { tenantId: TENANT, storeId: STORE };
  const owner = store.as("owner");
  await owner.transaction(tenantId, async (sql) => {
    for (const tenant of [tenantId, OPERATOR])
      await sql.query("INSERT INTO proofx.tenants VALUES ($1, 'tenant', 1) ON CONFLICT DO NOTHING", [tenant]);
    await sql.query("INSERT INTO proofx.identity VALUES (true, $1, $2, $3, $3) ON CONFLICT DO NOTHING", [
      LOG,
      REGISTRAR,
      OPERATOR,
    ]);
    await sql.query("SELECT proofx.open_stream($1, $2, $3, $4)", [tenantId, storeId, id, BigInt(T0)]);
    const column = <T>(make: (each: SequencedEvent, index: number) => T): T[] => events.map(make);
    const payload = ({ event }: SequencedEvent): Uint8Array =>
      event.payloadKind === 0 ? canonicalJson("payload", event.payload) : new Uint8Array();
    const columns = [
      column(({ event }) => event.eventId),
      column(({ event }) => event.vesVersion),
      column(({ event }) => event.sourceAgentId),
      column(({ event }) => BigInt(event.agentKeyId)),
      column(({ event }) => event.entityType),
      column(({ event }) => event.entityId),
      column(({ event }) => event.eventType),
      column(({ event }) => event.createdAt),
      column(({ event }) => event.commandId ?? null),
      column(({ event }) => event.baseVersion?.toString() ?? null),
      column(({ event }) => event.factsCommitment ?? null),
      column(({ event }) => event.payloadKind),
      column(payload),
      column(({ event }) => event.payloadPlainHash),
      column(({ event }) => event.payloadCipherHash),
      column(({ event }) => event.agentSignature),
      column(({ event }) => signingHash(event)),
      column(eventLeaf),
      column(({ event }, i) =>
        BigInt(1 + events.slice(0, i).filter((other) => sameEntity(other.event, event)).length),
      ),
      column((_, i) => receipts[i]?.sequencedAt ?? 0n),
      column(() => 1),
      column((_, i) => receipts[i]?.receiptSignature ?? new Uint8Array(64)),
    ];
    const values = Array.from({ length: 25 }, (_, i) => `$${i + 1}`).join(", ");
    await sql.query(`SELECT proofx.append_events(${values})`, [tenantId, storeId, 1n, ...columns] as never);
    await sql.query("SELECT proofx.register_agent_key($1, $2, $3, 1, $4, 2, NULL, NULL)", [
      tenantId,
      storeId,
      AGENT,
      signerOf("agent").publicKey,
    ]);
  });
}

const sameEntity = (a: SequencedEvent["event"], b: SequencedEvent["event"]): boolean =>
  a.entityType === b.entityType && a.entityId === b.entityId;

async function insertBatches(
  store: Store,
  id: Uint8Array,
  events: readonly SequencedEvent[],
  size: number,
  anchor: FillOptions["anchor"],
): Promise<void> {
  let previous = EMPTY_STREAM;
  for (let index = 1; index * size <= events.length; index++) {
    const own = events.slice((index - 1) * size, index * size);
    const { tenantId: tenant, storeId } = own[0]?.event ?? { tenantId: "", storeId: "" };
    const leaves = own.flatMap(({ sequence, event }) => {
      const subject = subjectOf(toHex(id), toHex(uuidBytes("agent", event.sourceAgentId)));
      return event.factsCommitment === undefined
        ? []
        : [factsLeaf(subject, sequence, uintFromBytes(event.factsCommitment))];
    });
    const factsRoot = bytes32(buildFactsTree(leaves).root);
    const closed = closeBatch({ tenant, store: storeId, events: own, previous, factsRoot });
    const { batch, next } = closed;
    previous = next;
    await store.as("owner").transaction(tenant, async (sql) => {
      await sql.query("INSERT INTO proofx.batches VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)", [
        tenant,
        storeId,
        BigInt(index),
        batch.startSequence,
        batch.endSequence,
        batch.batchRoot,
        batch.factsRoot,
        batch.logRoot,
        closed.stateRoot,
        concatBytes(...next.log.peaks),
        BigInt(T0),
      ]);
      if (anchor === undefined) return;
      await sql.query(
        `INSERT INTO proofx.anchors VALUES ($1, $2, $3, $4, $5, 'anchored', '{}', $6, $7, $8, $3, $9, $9)`,
        [
          tenant,
          storeId,
          BigInt(index),
          anchor.chainId,
          anchor.registry,
          new Uint8Array(32).fill(index),
          BigInt(100 + index),
          new Uint8Array(32).fill(index + 1),
          BigInt(T0 / 1000),
        ],
      );
    });
  }
}
