import { expect } from "chai";
import type { Figures } from "../../../src/aleo/measure.ts";
import { aleoSection } from "../../../src/aleo/settings.ts";
import { figureFindings } from "../../../tasks/aleo/health/figures.ts";
import { heightText } from "../../../tasks/aleo/support/administration.ts";
import { changeLine } from "../../../tasks/aleo/support/change-line.ts";

const { alerts } = aleoSection.parse({});
const window = { from: 0, to: 3_600 };
const known = <V>(value: V) => ({ window, samples: 40, status: "known", value }) as const;
const time = (p95: number) => known({ median: 1, p95, longest: p95 });

const WELL: Figures = {
  failureRate: known({ rejected: 4, rate: alerts.failure_rate }),
  responseTime: time(alerts.response_time),
  confirmationTime: time(alerts.confirmation_time),
  activity: known({ count: 9, median: 9, mad: 1, spreads: 0, unusual: false }),
};
const wrong = (figures: Partial<Figures>) =>
  figureFindings({ ...WELL, ...figures }, alerts)
    .filter(({ ok }) => !ok)
    .map(({ what }) => what);

describe("the page of health", () => {
  it("finds nothing wrong at a limit, and each figure wrong that is above its own", () => {
    expect(wrong({})).to.deep.equal([]);
    expect(wrong({ failureRate: known({ rejected: 5, rate: 0.125 }) })).to.deep.equal(["failure rate"]);
    expect(wrong({ responseTime: time(alerts.response_time + 1) })).to.deep.equal([
      "response time of the node",
    ]);
    expect(wrong({ confirmationTime: time(alerts.confirmation_time + 1) })).to.deep.equal([
      "sending to confirmation",
    ]);
    const flood = { count: 90, median: 9, mad: 1, spreads: 27, unusual: true };
    expect(wrong({ activity: known(flood) })).to.deep.equal(["activity"]);
  });

  it("judges nothing by too little data, and says how much there was", () => {
    const few = { window, samples: 3, status: "not enough data", needed: 10 } as const;
    const [finding] = figureFindings({ ...WELL, failureRate: few }, alerts);
    expect(finding).to.deep.include({ ok: true });
    expect(finding?.text).to.equal("not enough data: 3 samples, 10 needed, last 1 h 0 min");
  });

  it("gives a next step with everything that is wrong", () => {
    const all = { ...WELL, failureRate: known({ rejected: 5, rate: 1 }), responseTime: time(1e6) };
    for (const finding of figureFindings(all, alerts)) if (!finding.ok) expect(finding.next).to.match(/\S/);
  });
});

describe("how Aleo's tasks write", () => {
  const place = { program: "p.aleo", mapping: "agents", key: "7field" };

  it("an entry: whole when it comes or goes, else the members that differ", () => {
    const [before, after] = ["{ a: 1u8, b: { c: 2u8 } }", "{ a: 1u8, b: { c: 3u8 } }"];
    expect(changeLine({ ...place, before, after })).to.equal(
      "  p.aleo/agents[7field]: b { c: 2u8 } -> { c: 3u8 }",
    );
    expect(changeLine({ ...place, before: undefined, after })).to.equal(
      `  p.aleo/agents[7field]: nothing -> ${after}`,
    );
    expect(changeLine({ ...place, before, after: undefined })).to.equal(
      `  p.aleo/agents[7field]: ${before} -> nothing`,
    );
    expect(changeLine({ ...place, before: "1u8", after: "2u8" })).to.equal(
      "  p.aleo/agents[7field]: 1u8 -> 2u8",
    );
  });

  it("a height: reached, in blocks, and in time only where blocks come by themselves", () => {
    expect(heightText(100, 100, 3)).to.equal("height 100, reached");
    expect(heightText(140, 100, 3)).to.equal("height 140, in 40 blocks, about 2 min");
    expect(heightText(28_900, 100, 3)).to.equal("height 28900, in 28800 blocks, about 1 d 0 h");
    expect(heightText(140, 100, 0)).to.equal("height 140, in 40 blocks");
  });
});
