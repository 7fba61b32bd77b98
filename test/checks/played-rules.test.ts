import { globSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import {
  playedCases,
  playedRules,
  shorter,
  sooner,
} from "../../scripts/checks/runbook/minutes-as-seconds.ts";
import { RULES } from "../../src/ops/monitors/index.ts";
import type { MetricSource } from "../../src/ops/monitors/rule.ts";
import { onDisk, PROMTOOL, run } from "../ops/render/support.ts";
import { needs } from "../support/needs.ts";

/** A rate is told, and processors are used, by the second: what the cases have in a minute they have in a second now. */
function perSecond(text: string): string {
  return text
    .replaceAll(
      /(process_cpu_seconds_total.*\n\s+values: 0\+)(\d+)/g,
      (_, before, count) => before + count / 60,
    )
    .replace('value: "1.667"', 'value: "100"');
}

describe("alert rules as rehearsals play them", function () {
  this.timeout(60_000);

  for (const [real, played] of [
    ["15m", "15s"],
    ["1h", "60s"],
    ["1h30m", "90s"],
    ["1d", "1440s"],
    ["15s", "250ms"],
    ["0s", "0s"],
  ] as const)
    it(`${real} is ${played}`, () => expect(shorter(real)).to.equal(played));

  for (const wrong of ["", "5", "m", "5 m", "1ms"])
    it(`"${wrong}" is refused`, () => expect(() => shorter(wrong)).to.throw());

  for (const [what, real, played] of [
    ["ranges and offsets", "rate(a[1d] offset 15m)", "rate(a[1440s] offset 15s)"],
    ["subqueries", "max_over_time(a[1h:1m])", "max_over_time(a[60s:1s])"],
    ["no limits", "a > 5 * 0.01", "a > 5 * 0.01"],
    ["no names", "a5m_total{l5m=~'.*'}", "a5m_total{l5m=~'.*'}"],
    ["no labels' values", `a{route="/5m \\" 1h"}[5m]`, `a{route="/5m \\" 1h"}[5s]`],
  ] as const)
    it(`changes ${what}`, () => expect(sooner(real)).to.equal(played));

  it("are all those about metrics, and differ in their times alone", () => {
    const alerts = playedRules()
      .flatMap(
        ({ text }) => parse(text).groups as { rules: { alert: string; expr: string; for: string }[] }[],
      )
      .flatMap(({ rules }) => rules)
      .filter(({ alert }) => alert !== "Heartbeat");
    const metric = RULES.filter(({ source }) => source.kind === "metric");
    expect(alerts.map(({ alert }) => alert)).to.have.members(metric.map(({ id }) => id));
    const timeless = (text: string): string => text.replaceAll(/\d+(ms|[smhd])\b/g, "TIME");
    for (const { alert, expr, for: lasting } of alerts) {
      const source = metric.find(({ id }) => id === alert)?.source as MetricSource;
      expect(timeless(expr)).to.equal(timeless(source.expression));
      expect(expr === source.expression, alert).to.equal(!/\[\d/.test(source.expression));
      expect(lasting).to.equal(shorter(source.for));
    }
  });

  it("speak and are quiet in the real rules' cases, played as fast", function () {
    needs(this, PROMTOOL);
    // A rule a file: promtool evaluates all of a file's rules for each of its cases.
    const alone = Object.fromEntries(RULES.map((rule) => [rule.id, [rule]]));
    const cases = playedCases(alone).map(({ path, text }) => ({ path, text: perSecond(text) }));
    const disk = onDisk([...playedRules(alone), ...cases]);
    try {
      const { status, output } = run("promtool", [
        "test",
        "rules",
        ...globSync(join(disk.folder, "prometheus/tests/*.yml")),
      ]);
      expect(status, output).to.equal(0);
    } finally {
      disk.remove();
    }
  });
});
