import type { StateSource } from "../../monitors/rule.ts";
import { alertOf, type PrometheusRule, subjectLabels } from "./alerts.ts";
import type { AlertCase, Series } from "./case.ts";
import { PROTOCOL_CASES } from "./cases/protocol.ts";
import { SERVICE_CASES } from "./cases/services.ts";
import { type StateStory, silencedStoryOf, storyOf } from "./cases/states.ts";
import { WATCHING_CASES } from "./cases/watching.ts";

/** Cases of all metric rules; states have one story, told for each. */
export const ALERT_CASES: readonly AlertCase[] = [...SERVICE_CASES, ...PROTOCOL_CASES, ...WATCHING_CASES];

/**
 * A file for `promtool test rules`: every alert speaks in its case, with its labels and words, and is quiet beside it.
 *
 * @param ruleFile Where the rules are, relative to the file.
 */
export function promtoolTests(rules: readonly PrometheusRule[], ruleFile: string): object {
  const tests = rules.flatMap((rule) =>
    rule.source.kind === "state"
      ? stateTests(rule as StateRule)
      : ALERT_CASES.filter(({ rule: id }) => id === rule.id).flatMap((each) => metricTests(rule, each)),
  );
  return { rule_files: [ruleFile], evaluation_interval: "1m", tests };
}

type StateRule = PrometheusRule & { readonly source: StateSource };

function metricTests(rule: PrometheusRule, { at, breach, quiet, labels = {}, value }: AlertCase): object[] {
  return [
    testOf(`${rule.id} speaks`, breach, [{ at, expected: [expectedAlert(rule, labels, value)] }], rule),
    testOf(`${rule.id} is quiet`, quiet, [{ at, expected: [] }], rule),
  ];
}

function stateTests(rule: StateRule): object[] {
  return [
    stateTest(rule, "lasts as long as its state", storyOf(rule.source)),
    stateTest(rule, "is quiet in a maintenance window", silencedStoryOf(rule.id, rule.source)),
  ];
}

function stateTest(rule: StateRule, what: string, { series, moments }: StateStory): object {
  const looks = moments.map(({ at, speaks }) => ({
    at,
    expected: speaks.map((subject) => expectedAlert(rule, { subject })),
  }));
  return testOf(`${rule.id} ${what}`, series, looks, rule);
}

interface Look {
  readonly at: string;
  readonly expected: readonly object[];
}

function testOf(
  name: string,
  series: readonly Series[],
  looks: readonly Look[],
  { id }: PrometheusRule,
): object {
  return {
    name,
    interval: "1m",
    input_series: series.map(([name, values]) => ({ series: name, values })),
    alert_rule_test: looks.map(({ at, expected }) => ({
      eval_time: at,
      alertname: id,
      exp_alerts: expected,
    })),
  };
}

/** The alert as Prometheus sends it, without its name. */
function expectedAlert(
  rule: PrometheusRule,
  labels: Readonly<Record<string, string>>,
  value?: string,
): object {
  const alert = alertOf(rule);
  const subject = subjectLabels(rule)
    .filter((label) => labels[label] !== undefined)
    .map((label) => ` ${label}=${labels[label]}`);
  return {
    exp_labels: { ...alert.labels, ...labels },
    exp_annotations: {
      summary: `${rule.title}${subject.join("")}`,
      runbook: alert.annotations.runbook,
      ...(value === undefined ? {} : { value }),
    },
  };
}
