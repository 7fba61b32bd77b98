import { expect } from "chai";
import { toInputTexts } from "../../../src/services/prover/inputs.ts";
import { failed } from "../../../src/services/prover/job.ts";
import { MemoryQueue } from "../../../src/services/prover/memory-queue.ts";
import { preferredWait } from "../../../src/services/prover/preference.ts";
import { inputsOf } from "../../compliance/support/artifacts.ts";

const REQUEST = { circuitVersion: 1, inputs: toInputTexts(inputsOf()) };

describe("The prover's queue in memory", () => {
  const open = (resultTtl: number) =>
    new MemoryQueue({ length: 2, resultTtl, retryAfter: (queued) => queued });

  it("forgets a result and its key after its time, and no sooner", async () => {
    for (const [ttl, known] of [
      [0, false],
      [60_000, true],
    ] as const) {
      const queue = open(ttl);
      const { id } = await queue.submit({ ...REQUEST, key: "k" });
      await queue.take();
      await queue.settle(id, failed("inputs-do-not-satisfy", "for the test"));
      expect((await queue.find(id)) !== undefined).to.equal(known);
      expect((await queue.submit({ ...REQUEST, key: "k" })).id === id).to.equal(known);
    }
  });

  it("does not grow without end by failures, which are quick to make", async () => {
    const queue = open(3_600_000);
    const ids: string[] = [];
    for (let i = 0; i < 10_050; i += 1) {
      const { id } = await queue.submit(REQUEST);
      await queue.take();
      await queue.settle(id, failed("inputs-do-not-satisfy", "for the test"));
      ids.push(id);
    }
    const kept = await Promise.all(ids.map((id) => queue.find(id)));
    expect(kept.filter((job) => job !== undefined).length).to.be.within(9_000, 10_000);
    expect(kept.at(-1)).not.to.equal(undefined);
  });

  it("gives jobs in the order they came, and each to one worker", async () => {
    const queue = open(1_000);
    const takers = [queue.take(), queue.take()];
    const jobs = [await queue.submit(REQUEST), await queue.submit(REQUEST)];
    const taken = await Promise.all(takers);
    expect(taken.map((job) => job?.id)).to.deep.equal(jobs.map(({ id }) => id));
    queue.stopTaking();
    expect(await queue.take()).to.equal(undefined);
  });
});

describe("How long a client will wait (RFC 7240)", () => {
  it("is what it says, and nothing when it says nothing that is understood", () => {
    const said: [string | undefined, number | undefined][] = [
      [undefined, undefined],
      ["", undefined],
      ["wait=5", 5_000],
      ["Wait = 5", 5_000],
      ['respond-async, wait="10"', 10_000],
      ["respond-async", 0],
      ["wait=-5", undefined],
      ["wait=5x", undefined],
      ["waiting=5", undefined],
    ];
    for (const [prefer, milliseconds] of said) expect(preferredWait(prefer), prefer).to.equal(milliseconds);
  });
});
