import { stringify } from "yaml";
import { AREAS } from "../monitors/index.ts";
import type { Rule } from "../monitors/rule.ts";
import { alertOf, isPrometheusRule } from "./prometheus/alerts.ts";
import { kubernetesConfig, prometheusConfig } from "./prometheus/config.ts";
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
  return [
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
