import { readFileSync } from "node:fs";
import { expect } from "chai";
import { BLOCKS_A_CALL, type BlockSource, heightAt, observe, readActivity } from "../../src/aleo/activity.ts";
import { blockSchema } from "../../src/aleo/block.ts";

// Three blocks as a development ledger gave them: an empty one, an accepted transfer, a rejected one.
const BLOCKS = (JSON.parse(readFileSync("test/vectors/aleo/blocks.json", "utf8")) as object[]).map((json) =>
  blockSchema.parse(json),
);
const CREDITS = ["credits.aleo"];
const SENDER = "aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px";

/** Blocks of the times that are given, one a height, with a count of the calls. */
function chainOf(times: readonly number[]): BlockSource & { readonly calls: number[] } {
  const calls: number[] = [];
  return {
    calls,
    height: async () => times.length - 1,
    blocks: async (from, to) => {
      calls.push(to - from);
      return times.slice(from, to).map((timestamp, index) => {
        const metadata = { network: 1, height: from + index, timestamp };
        return blockSchema.parse({ block_hash: "ab1", previous_hash: "ab1", header: { metadata } });
      });
    },
  };
}

describe("a program's activity", () => {
  const seen = BLOCKS.flatMap((block) => observe(block, CREDITS));

  it("has the accepted and the rejected transactions of a ledger's blocks, with function, payer, fee and inputs", () => {
    expect(seen.map(({ accepted }) => accepted)).to.deep.equal([true, false]);
    for (const { kind, payer, fee, calls, time } of seen) {
      expect({ kind, payer, fee }).to.deep.equal({ kind: "execute", payer: SENDER, fee: 1768n });
      expect(calls.map((call) => call.function)).to.deep.equal(["transfer_public"]);
      expect(calls[0]?.future).to.include("function_name: transfer_public");
      expect(time).to.be.above(1_700_000_000);
    }
    expect(seen.map(({ calls }) => calls[0]?.inputs[1])).to.deep.equal(["1000u64", "99999999999999999u64"]);
  });

  it("leaves out programs that nobody asked for; paying a fee is no call of the program", () => {
    expect(BLOCKS.flatMap((block) => observe(block, ["agent_registry_v3.aleo"]))).to.deep.equal([]);
  });

  it("is read whole, in steps that a node gives", async () => {
    const source = chainOf(Array.from({ length: 475 }, (_, height) => height));
    const progress: number[] = [];
    const options = {
      from: 3,
      to: 475,
      programs: CREDITS,
      onProgress: (done: number) => progress.push(done),
    };
    expect(await readActivity(source, options)).to.deep.equal([]);
    expect(source.calls.every((size) => size <= BLOCKS_A_CALL)).to.equal(true);
    expect(source.calls.reduce((sum, size) => sum + size, 0)).to.equal(472);
    expect(progress.at(-1)).to.equal(472);
  });

  it("begins at the first block that is not older, also when many blocks have one time", async () => {
    const times = [10, 20, 20, 20, 35, 50];
    for (const time of [0, 10, 11, 20, 21, 35, 36, 50, 51]) {
      const expected = times.findIndex((each) => each >= time);
      expect(await heightAt(chainOf(times), time)).to.equal(expected === -1 ? times.length : expected);
    }
  });
});
