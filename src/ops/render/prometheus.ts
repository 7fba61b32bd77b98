import { stringify } from "yaml";
import { AREAS } from "../monitors/index.ts";
import type { Rule } from "../monitors/rule.ts";
import { alertOf, isPrometheusRule } from "./prometheus/alerts.ts";
import { kubernetesConfig, prometheusConfig } from "./prometheus/config.ts";
import { HEARTBEAT, HEARTBEAT_TEST } from "./prometheus/heartbeat.ts";
import { promtoolTests } from "./prometheus/tests.ts";
import type { RenderedFile } from "./rendered.ts";

/**
 * Prometheus' settings, its alert rules and the cases that `promtool test rules` judges them by, two files for each area that has
 * rules of its kind: `promtool` evaluates all rules of a file for each of its cases.
 *
 * @param areas Rules by area.
 */
export function renderPrometheus(areas: Readonly<Record<string, readonly Rule[]>> = AREAS): RenderedFile[] {
  const files = Object.entries(areas).flatMap(([area, all]) => {
    const rules = all.filter(isPrometheusRule);
    if (rules.length === 0) return [];
    const groups = [{ name: `proofx-${area}`, rules: rules.map(alertOf) }];
    return [
      { path: `prometheus/rules/${area}.yml`, text: yamlText({ groups }) },
      {
        path: `prometheus/tests/${area}.yml`,
        text: yamlText(promtoolTests(rules, `../rules/${area}.yml`)),
      },
    ];
  });
  const heartbeat = {
    rule_files: ["../rules/heartbeat.yml"],
    evaluation_interval: "1m",
    tests: [HEARTBEAT_TEST],
  };
  return [
    {
      path: "prometheus/rules/heartbeat.yml",
      text: yamlText({ groups: [{ name: "proofx-heartbeat", rules: [HEARTBEAT] }] }),
    },
    { path: "prometheus/tests/heartbeat.yml", text: yamlText(heartbeat) },
    { path: "prometheus/prometheus.yml", text: yamlText(prometheusConfig()) },
    { path: "prometheus/prometheus-kubernetes.yml", text: yamlText(kubernetesConfig()) },
    ...files,
  ];
}

const RENDERED =
  "# Rendered by `npx proofx monitors render` from the rules in src/ops/monitors: edit those, not this file.\n";

/** A value as a YAML file that says where it is from. */
export function yamlText(value: object): string {
  return `${RENDERED}${stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}
