import { expect } from "chai";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import {
  batchNode,
  buildEvent,
  closeBatch,
  EMPTY_STREAM,
  type EventFields,
  eventToJson,
  PAD_LEAF,
  parseEvent,
  payloadAad,
  plainHash,
  type SequencedEvent,
  type StreamState,
  signingHash,
  streamId,
  verifyEvent,
} from "../../../src/core/log/index.ts";
import { AGENT, AGENT_KEY, at, VECTORS } from "./support.ts";

describe("log: the known answers of docs/formats.md", () => {
  const ID = "550e8400-e29b-41d4-a716-446655440000";

  it("hashes a plain payload, a pad leaf, a node and a stream as the published VES does", () => {
    expect(toHex(plainHash({ key: "value" }))).to.equal(
      "0x618fdef1f66e6d7ae46216d2b7a778898e02137c502255397d277dd3c8727bca",
    );
    expect(toHex(PAD_LEAF)).to.equal("0xd9dd0e003ba5370a698013c48ed69c6c41d9ebc1236d44b280c52ceacfdad524");
    expect(toHex(batchNode(new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)))).to.equal(
      "0x5186fbc7094f70b9fc71bcf269fda0530c1c2bd675de918ef39562a6f18752fd",
    );
    expect(toHex(streamId(ID, ID))).to.equal(
      "0x399cd60b39a2c65ab8a50de811a4d2a8efa8e191961a8fbd9bcc21174b0dd731",
    );
  });
});

describe("log: agreement with an independent generator (test/vectors/log/make.py)", () => {
  for (const vector of VECTORS.events) {
    context(vector.name, () => {
      const event = parseEvent(vector.event);

      it("gives the same payload aad and signing hash", () => {
        expect(toHex(payloadAad(event, event.payloadPlainHash))).to.equal(vector.payload_aad);
        expect(toHex(signingHash(event))).to.equal(vector.signing_hash);
      });

      it("holds under the agent's key", () => verifyEvent(event, AGENT_KEY));

      it("is written back as it was read", () => {
        expect(eventToJson(event)).to.deep.equal(vector.event);
      });

      it("is built the same from its fields", async () => {
        const { agentSignature, payloadCipherHash, ...fields } = event;
        expect(eventToJson(await buildEvent(fields as EventFields, AGENT))).to.deep.equal(vector.event);
      });
    });
  }

  it("closes the same chain of batches", () => {
    let previous: StreamState = EMPTY_STREAM;
    for (const expected of VECTORS.batches) {
      const events: SequencedEvent[] = VECTORS.events
        .slice(expected.start - 1, expected.end)
        .map(({ event }, i) => ({ sequence: BigInt(expected.start + i), event: parseEvent(event) }));
      const { tenantId: tenant, storeId: store } = at(events, 0).event;
      const factsRoot = fromHex("facts_root", expected.facts_root, 32);
      const closed = closeBatch({ tenant, store, events, previous, factsRoot });

      expect(toHex(closed.streamId)).to.equal(VECTORS.stream_id);
      expect(closed.leaves.map(toHex)).to.deep.equal(expected.leaves);
      expect(closed.batch).to.include({
        startSequence: BigInt(expected.start),
        endSequence: BigInt(expected.end),
        count: expected.end - expected.start + 1,
      });
      expect(toHex(closed.batch.batchRoot)).to.equal(expected.batch_root);
      expect(toHex(closed.batch.factsRoot)).to.equal(expected.facts_root);
      expect(toHex(closed.batch.logRoot)).to.equal(expected.log_root);
      expect(toHex(closed.contentRoot)).to.equal(expected.content_root);
      expect(toHex(closed.stateRoot)).to.equal(expected.state_root);
      previous = closed.next;
    }
    expect(previous.end).to.equal(10n);
  });
});
