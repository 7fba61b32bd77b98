import { expect } from "chai";
import { selectorsOf } from "../../../src/ops/monitors/promql.ts";

const names = (expression: string): string[] =>
  selectorsOf(expression).map(({ name }) => ("is" in name ? name.is : String(name.matches)));

describe("what a PromQL expression reads", () => {
  for (const [expression, expected] of [
    ["up == 0", ["up"]],
    [
      'sum by (service) (rate(a_total{code=~"x|y"}[10m])) / sum(rate(b_total[10m])) > 0.01',
      ["a_total", "b_total"],
    ],
    ["sum(rate(a[1d] offset 15m)) without (le) and on (job) b unless ignoring (x) c", ["a", "b", "c"]],
    ["histogram_quantile(0.95, sum(rate(t_bucket[5m])) by (le)) > 1e3", ["t_bucket"]],
    ["absent_over_time(a:b:c[3m:30s]) == bool 1", ["a:b:c"]],
    ['{__name__="a"} * on (i) group_left (l) {__name__=~"b_.+"}', ["a", "/^(?:b_.+)$/"]],
    ['a{b="} by (c) d{e=\\"f\\"}"} # comment with words', ["a"]],
  ] as const) {
    it(expression, () => {
      expect(names(expression)).to.deep.equal(expected);
    });
  }

  it("the comparisons inside the braces, with what their texts mean", () => {
    expect(selectorsOf('a{b="c\\"d", e!~"f|g"}')[0]?.matchers).to.deep.equal([
      { label: "b", operator: "=", value: 'c"d' },
      { label: "e", operator: "!~", value: "f|g" },
    ]);
  });

  it("braces that name no metric, and characters that PromQL does not have, are refused", () => {
    expect(() => selectorsOf('{job="x"}')).to.throw("without a metric's name");
    expect(() => selectorsOf("a > $limit")).to.throw("no PromQL from character 5");
  });
});
