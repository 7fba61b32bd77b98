import { expect } from "chai";
import fc from "fast-check";
import {
  failureRate,
  type Landed,
  LEAST_TRANSACTIONS,
  LEAST_WAITS,
  LEAST_WINDOWS,
  medianOf,
  responseTime,
  unusualActivity,
} from "../../src/aleo/figures.ts";

const WINDOW = { from: 100_000, to: 100_600 };
const LENGTH = WINDOW.to - WINDOW.from;

const landed = (count: number, accepted: boolean, time: number = WINDOW.from): Landed[] =>
  Array.from({ length: count }, () => ({ time, accepted }));

/** One window's transactions for each count, the newest first, ending where the judged window begins. */
const history = (counts: readonly number[]): Landed[] =>
  counts.flatMap((count, back) => landed(count, true, WINDOW.from - (back + 1) * LENGTH));
const since = (windows: number) => WINDOW.from - windows * LENGTH;
const judge = (counts: readonly number[], now: number) =>
  unusualActivity([...landed(now, true), ...history(counts)], WINDOW, since(counts.length));

describe("the figures of the Aleo programs", () => {
  describe("failure rate", () => {
    it("is the share that was rejected, whatever the order", () => {
      const count = fc.nat({ max: 200 });
      fc.assert(
        fc.property(count, count, fc.infiniteStream(fc.nat()), (accepted, rejected, random) => {
          fc.pre(accepted + rejected >= LEAST_TRANSACTIONS);
          const mixed = [...landed(accepted, true), ...landed(rejected, false)]
            .map((each) => ({ each, order: random.next().value as number }))
            .sort((a, b) => a.order - b.order)
            .map(({ each }) => each);
          const figure = failureRate(mixed, WINDOW);
          expect(figure).to.deep.include({ status: "known", samples: accepted + rejected });
          expect(figure).to.have.deep.property("value", { rejected, rate: rejected / (accepted + rejected) });
        }),
      );
    });

    it("is not told of fewer than ten transactions", () => {
      const few = failureRate(landed(LEAST_TRANSACTIONS - 1, false), WINDOW);
      expect(few).to.deep.equal({
        window: WINDOW,
        samples: 9,
        status: "not enough data",
        needed: LEAST_TRANSACTIONS,
      });
      expect(failureRate(landed(LEAST_TRANSACTIONS, false), WINDOW)).to.include({ status: "known" });
    });

    it("leaves out what landed before the window or at its end", () => {
      const outside = [...landed(50, false, WINDOW.from - 1), ...landed(50, false, WINDOW.to)];
      const figure = failureRate([...landed(10, true, WINDOW.to - 1), ...outside], WINDOW);
      expect(figure).to.deep.include({ samples: 10, value: { rejected: 0, rate: 0 } });
    });
  });

  describe("response time", () => {
    const waits = (milliseconds: readonly number[]) =>
      milliseconds.map((each) => ({ time: WINDOW.from, milliseconds: each }));

    it("has its median, 95 of 100 and longest in order, each of them measured or between two measured", () => {
      const times = fc.array(fc.nat({ max: 60_000 }), { minLength: LEAST_WAITS });
      fc.assert(
        fc.property(times, (milliseconds) => {
          const figure = responseTime(waits(milliseconds), WINDOW);
          if (figure.status !== "known") return expect.fail("there were enough samples");
          const { median, p95, longest } = figure.value;
          expect(longest).to.equal(Math.max(...milliseconds));
          expect(milliseconds).to.include(p95);
          expect(milliseconds.filter((each) => each <= p95).length).to.be.at.least(
            milliseconds.length * 0.95,
          );
          expect(median).to.be.within(Math.min(...milliseconds), p95);
        }),
      );
    });

    it("is not told of two calls", () => {
      expect(responseTime(waits([5, 7]), WINDOW)).to.include({ status: "not enough data", samples: 2 });
    });
  });

  describe("unusual activity", () => {
    it("is a flood, and a silence where there was plenty", () => {
      const usual = [9, 11, 10, 12, 8, 10, 9, 11, 10, 10, 9, 12];
      expect(judge(usual, 10)).to.deep.include({
        value: { count: 10, median: 10, mad: 1, spreads: 0, unusual: false },
      });
      expect(judge(usual, 60)).to.have.nested.property("value.unusual", true);
      expect(
        judge(
          usual.map((count) => count * 10),
          0,
        ),
      ).to.have.nested.property("value.unusual", true);
    });

    it("is not found in what chance does: as many as usual, one more, or none where few are usual", () => {
      for (const now of [0, 4, 5, 9]) {
        expect(judge(new Array(LEAST_WINDOWS).fill(4), now)).to.have.nested.property("value.unusual", false);
      }
    });

    it("is measured by how much earlier windows differed, and at least by what chance does to their number", () => {
      const restless = Array.from({ length: LEAST_WINDOWS }, (_, index) => (index % 2) * 20);
      const spread = 1.4826 * 10;
      expect(judge(restless, 60)).to.deep.include({
        value: { count: 60, median: 10, mad: 10, spreads: 50 / spread, unusual: false },
      });
      expect(judge(restless, 85)).to.have.nested.property("value.unusual", true);
      const steady = new Array(LEAST_WINDOWS).fill(100);
      expect(judge(steady, 150)).to.deep.include({
        value: { count: 150, median: 100, mad: 0, spreads: 5, unusual: false },
      });
      expect(judge(steady, 151)).to.have.nested.property("value.unusual", true);
      expect(judge(steady, 49)).to.have.nested.property("value.unusual", true);
    });

    it("is found though up to five of twelve earlier windows were floods themselves", () => {
      const flood = fc.integer({ min: 500, max: 5_000 });
      const quiet = fc.integer({ min: 8, max: 12 });
      const counts = fc.tuple(
        fc.array(flood, { maxLength: 5 }),
        fc.array(quiet, { minLength: 12, maxLength: 24 }),
      );
      fc.assert(
        fc.property(counts, ([floods, quiets]) => {
          expect(judge([...floods, ...quiets], 500)).to.have.nested.property("value.unusual", true);
        }),
      );
    });

    it("does not depend on when in the past a window was busy", () => {
      const counts = fc.array(fc.nat({ max: 30 }), { minLength: LEAST_WINDOWS, maxLength: 24 });
      fc.assert(
        fc.property(counts, fc.nat({ max: 200 }), (past, now) => {
          expect(judge([...past].reverse(), now)).to.deep.equal(judge(past, now));
        }),
      );
    });

    it("is not judged by fewer than twelve earlier windows, nor by one that was seen in part", () => {
      expect(judge(new Array(LEAST_WINDOWS - 1).fill(10), 1_000)).to.include({
        status: "not enough data",
        samples: LEAST_WINDOWS - 1,
        needed: LEAST_WINDOWS,
      });
      const partly = unusualActivity([], WINDOW, since(LEAST_WINDOWS) + 1);
      expect(partly).to.include({ status: "not enough data", samples: LEAST_WINDOWS - 1 });
    });

    it("counts a transaction at a window's edge once", () => {
      const edges = history(new Array(LEAST_WINDOWS).fill(1));
      const ends = edges.map(({ time }) => ({ time: time + LENGTH - 1, accepted: true }));
      expect(unusualActivity([...edges, ...ends], WINDOW, since(LEAST_WINDOWS))).to.have.nested.property(
        "value.median",
        2,
      );
    });
  });

  it("takes the middle of the values, or the mean of the two middle ones", () => {
    expect([medianOf([]), medianOf([3]), medianOf([5, 1]), medianOf([9, 1, 2])]).to.deep.equal([0, 3, 3, 2]);
  });
});
