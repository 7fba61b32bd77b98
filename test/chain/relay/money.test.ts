import { expect } from "chai";
import fc from "fast-check";
import { bumpedFees, firstFees } from "../../../src/chain/relay/fees.ts";
import type { SubmissionRecord } from "../../../src/chain/relay/record.ts";
import { spendingOf } from "../../../src/chain/relay/spending.ts";

const wei = fc.bigInt({ min: 0n, max: 10n ** 13n });
const limits = fc.record({ maxFeePerGas: wei, minPriorityFeePerGas: wei });
const estimate = fc.record({ baseFee: wei, tip: wei });

describe("Fees and the limit on spending", () => {
  it("never offer more than the cap, and nothing at all when the next block asks for more", () => {
    fc.assert(
      fc.property(estimate, limits, (asked, limit) => {
        const fees = firstFees(asked, limit);
        if (fees === undefined)
          return (
            asked.baseFee + asked.tip > limit.maxFeePerGas ||
            asked.baseFee + limit.minPriorityFeePerGas > limit.maxFeePerGas
          );
        return (
          fees.maxFeePerGas <= limit.maxFeePerGas &&
          fees.maxPriorityFeePerGas <= fees.maxFeePerGas &&
          fees.maxFeePerGas >= asked.baseFee
        );
      }),
    );
  });

  it("a replacement offers an eighth more in both fees, or is not made", () => {
    fc.assert(
      fc.property(estimate, limits, wei, wei, (asked, limit, fee, tip) => {
        const last = { maxFeePerGas: fee, maxPriorityFeePerGas: fee === 0n ? 0n : tip % fee };
        const text = { maxFeePerGas: String(fee), maxPriorityFeePerGas: String(last.maxPriorityFeePerGas) };
        const fees = bumpedFees(text, asked, limit);
        if (fees === undefined) return true;
        const enough = (now: bigint, before: bigint) => now * 1000n >= before * 1125n && now > before;
        return (
          enough(fees.maxFeePerGas, last.maxFeePerGas) &&
          enough(fees.maxPriorityFeePerGas, last.maxPriorityFeePerGas) &&
          fees.maxFeePerGas <= limit.maxFeePerGas &&
          fees.maxPriorityFeePerGas <= fees.maxFeePerGas
        );
      }),
    );
  });

  it("counts what was paid within the window, and of what is under way the dearest transaction of each nonce", () => {
    const attempt = (maxFeePerGas: string) => ({ gasLimit: "10", maxFeePerGas });
    const record = (state: string, spent: object[], attempts: object[] = []) =>
      ({ state, spent, account: { nonce: 0, attempts } }) as unknown as SubmissionRecord;
    const records = [
      record("final", [{ at: 999, wei: "1000000" }], [attempt("1000000")]),
      record("final", [{ at: 1_000, wei: "7" }]),
      record("failed", [{ at: 2_000, wei: "5" }]),
      record("sent", [{ at: 3_000, wei: "3" }], [attempt("2"), attempt("9"), attempt("4")]),
      record("mined", [], [attempt("1")]),
    ];
    expect(spendingOf(records, 1_000)).to.deep.equal({ paid: 15n, atMost: 100n });
  });
});
