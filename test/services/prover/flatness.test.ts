import { expect } from "chai";
import { judgeFlatness } from "../../../bench/flatness.ts";

const MIB = 2 ** 20;
/** A minute of looks at a process, one a second. */
const minute = (bytes: (second: number) => number) =>
  Array.from({ length: 60 }, (_, seconds) => ({ seconds, bytes: bytes(seconds) }));

describe("The soak's judgement of memory", () => {
  it("takes a collector's saw-tooth and a start that fills caches for flat", () => {
    const saw = minute((second) => (400 + (second % 7) * 6) * MIB);
    expect(judgeFlatness(saw).flat).to.equal(true);
    const start = minute((second) => (second < 15 ? 200 + 13 * second : 400) * MIB);
    expect(judgeFlatness(start).flat).to.equal(true);
  });

  it("finds a leak of 1 MiB a second, saw-tooth or not, and says how much it grew", () => {
    for (const bytes of [400, 401]) {
      const leak = minute((second) => (bytes + second + (second % 7)) * MIB);
      const { flat, growth } = judgeFlatness(leak);
      expect(flat).to.equal(false);
      expect(growth / MIB).to.be.within(35, 45);
    }
  });

  it("takes a few megabytes of a small heap for garbage that waits, and not 20", () => {
    const small = (growth: number) => minute((second) => (45 + (growth * second) / 40) * MIB);
    expect(judgeFlatness(small(6)).flat).to.equal(true);
    expect(judgeFlatness(small(20)).flat).to.equal(false);
  });

  it("does not judge a handful of looks", () => {
    expect(() => judgeFlatness(minute(() => MIB).slice(0, 9))).to.throw("too few");
  });
});
