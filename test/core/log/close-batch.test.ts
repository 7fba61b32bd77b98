import { expect } from "chai";
import { SCALAR_ORDER } from "../../../src/core/bn254.ts";
import { uint } from "../../../src/core/bytes.ts";
import { InputError } from "../../../src/core/errors.ts";
import {
  type BatchInput,
  batchInclusionProof,
  closeBatch,
  EMPTY_STREAM,
  eventLeaf,
  LogTree,
  MAX_BATCH_COUNT,
  type SequencedEvent,
  type StreamState,
  verifyBatchInclusion,
  verifyLogConsistency,
  verifyLogInclusion,
} from "../../../src/core/log/index.ts";
import { at, bytes32, makeEvent, STORE, TENANT, uuid } from "./support.ts";

const NO_FACTS = new Uint8Array(32);

async function sequenced(first: number, last: number): Promise<SequencedEvent[]> {
  const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return Promise.all(numbers.map(async (n) => ({ sequence: BigInt(n), event: await makeEvent(n) })));
}

function close(events: readonly SequencedEvent[], more: Partial<BatchInput> = {}) {
  return closeBatch({
    tenant: TENANT,
    store: STORE,
    events,
    previous: EMPTY_STREAM,
    factsRoot: NO_FACTS,
    ...more,
  });
}

describe("closing a batch", () => {
  let events: SequencedEvent[];
  before(async () => {
    events = await sequenced(1, 7);
  });

  it("lets an auditor find each event under the batch root and under every later log root", () => {
    const first = close(events.slice(0, 3));
    const second = close(events.slice(3), { previous: first.next });
    const tree = new LogTree([...first.leaves, ...second.leaves]);

    expect(second.batch).to.include({ startSequence: 4n, endSequence: 7n, count: 4 });
    for (const each of events.slice(3)) {
      const index = Number(each.sequence) - 4;
      verifyBatchInclusion(
        eventLeaf(each),
        batchInclusionProof(second.leaves, index),
        second.batch.batchRoot,
      );
    }
    for (const each of events) {
      const index = each.sequence - 1n;
      const path = tree.inclusionPath(Number(index));
      verifyLogInclusion(eventLeaf(each), { index, size: 7n, path }, second.batch.logRoot);
    }
    const proof = { first: 3n, second: 7n, path: tree.consistencyPath(3) };
    verifyLogConsistency(proof, first.batch.logRoot, second.batch.logRoot);
  });

  it("leads to another state root when batches are cut elsewhere, over the same log", () => {
    const whole = close(events);
    const halves = close(events.slice(3), { previous: close(events.slice(0, 3)).next });
    expect(halves.batch.logRoot).to.deep.equal(whole.batch.logRoot);
    expect(halves.stateRoot).to.not.deep.equal(whole.stateRoot);
  });

  it("leads to another state root when anything in it changes: facts, an event, its past, its stream", async () => {
    const facts = { sequence: 1n, event: await makeEvent(1, { factsCommitment: bytes32(5) }) };
    const elsewhere = { sequence: 1n, event: await makeEvent(1, { storeId: uuid(9) }) };
    const roots = [
      close([at(events, 0)]),
      close([{ sequence: 1n, event: at(events, 1).event }]),
      close([facts], { factsRoot: bytes32(1) }),
      close([facts], { factsRoot: bytes32(2) }),
      close([at(events, 0)], { previous: { ...EMPTY_STREAM, stateRoot: bytes32(1) } }),
      close([elsewhere], { store: uuid(9) }),
    ].map(({ stateRoot }) => String(stateRoot));
    expect(new Set(roots).size).to.equal(roots.length);
  });

  context("is refused", () => {
    const refuses = (make: () => unknown, message: string | RegExp) =>
      expect(make).to.throw(InputError, message);

    it("for a gap, a repetition or a rewind", () => {
      const message = "events[1].sequence_number: expected 2, got 3";
      refuses(() => close([at(events, 0), at(events, 2)]), message);
      refuses(() => close([at(events, 0), at(events, 0)]), "events[1].sequence_number: expected 2, got 1");
      const previous = close(events.slice(0, 3)).next;
      refuses(() => close(events.slice(2), { previous }), "events[0].sequence_number: expected 4, got 3");
    });

    it("for the same event at two places", () => {
      const again = { sequence: 2n, event: at(events, 0).event };
      refuses(() => close([at(events, 0), again]), /^events\[1\]\.event_id: expected a new one/);
    });

    it("for an event of another stream", () => {
      refuses(() => close(events, { tenant: uuid(1) }), /^events\[0\]\.tenant_id: expected/);
      refuses(() => close(events, { store: uuid(1) }), /^events\[0\]\.store_id: expected/);
    });

    it("when empty, or with more than 2^18 events", () => {
      refuses(() => close([]), "events of a batch: expected 1 to 262144, got 0");
      const many = new Array<SequencedEvent>(MAX_BATCH_COUNT + 1).fill(at(events, 0));
      refuses(() => close(many), "events of a batch: expected 1 to 262144, got 262145");
    });

    it("when it would end at 2^64 - 1, after which no batch could follow", () => {
      const end = 2n ** 64n - 2n;
      const peaks = new Array<Uint8Array>(63).fill(bytes32(0));
      const previous: StreamState = { end, stateRoot: bytes32(0), log: { size: end, peaks } };
      const last = { sequence: end + 1n, event: at(events, 0).event };
      refuses(() => close([last], { previous }), /^end of the batch: expected below 2\^64 - 1/);
    });

    it("for a previous state whose log has another size", () => {
      const { next } = close(events.slice(0, 3));
      const previous = { ...next, log: EMPTY_STREAM.log };
      refuses(
        () => close(events.slice(3), { previous }),
        "log size of the previous state: expected its end, 3, got 0",
      );
    });

    it("for a facts root that is no number of the circuit", () => {
      for (const value of [SCALAR_ORDER, 2n ** 256n - 1n]) {
        refuses(
          () => close(events, { factsRoot: uint("root", value, 32) }),
          /^facts root: expected a number below/,
        );
      }
      refuses(
        () => close(events, { factsRoot: new Uint8Array(31) }),
        "facts root: expected 32 bytes, got 31 bytes",
      );
    });

    it("for a facts root without facts, and facts without a root", async () => {
      refuses(
        () => close(events, { factsRoot: bytes32(1) }),
        /^facts root: expected 0, as no event carries facts/,
      );
      const facts = { sequence: 1n, event: await makeEvent(1, { factsCommitment: bytes32(5) }) };
      refuses(() => close([facts]), "facts root: expected not 0, as 1 events carry facts, got 0");
    });
  });
});
