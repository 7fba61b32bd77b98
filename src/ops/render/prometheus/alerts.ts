import { type MetricSource, type Rule, runbookOf, type StateSource } from "../../monitors/rule.ts";

/** An alert rule as Prometheus reads it. */
export interface PrometheusAlert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A rule that Prometheus can judge: events are the watcher's alone. */
export type PrometheusRule = Rule & { readonly source: MetricSource | StateSource };

/** How long Prometheus leaves a state to the watcher, which tells of it at once by its own way. */
const STATE_FOR = "2m";
/** Seconds after its start by which the watcher has looked at every state. */
const SETTLED = 600;

/** Whether Prometheus judges it. */
export const isPrometheusRule = (rule: Rule): rule is PrometheusRule =>
  rule.source.kind === "metric" || rule.source.kind === "state";

/** A rule in Prometheus' form; its labels are what Alertmanager routes and inhibits by. */
export function alertOf(rule: PrometheusRule): PrometheusAlert {
  const { source, severity, resolves } = rule;
  const labels = { severity, source: "prometheus", resolves: resolves.by };
  const annotations = { summary: summaryOf(rule), runbook: runbookOf(rule) };
  if (source.kind === "state") {
    return {
      alert: rule.id,
      expr: stateExpression(rule.id, source.probe),
      for: STATE_FOR,
      labels,
      annotations,
    };
  }
  return {
    alert: rule.id,
    expr: source.expression,
    for: source.for,
    labels,
    annotations: { ...annotations, value: '{{ printf "%.4g" $value }}' },
  };
}

/** Labels that name an alert's subject. */
export function subjectLabels({ source }: PrometheusRule): readonly string[] {
  return source.kind === "state" ? ["subject"] : source.labels;
}

function summaryOf(rule: PrometheusRule): string {
  const subject = subjectLabels(rule).map((label) => `{{ with $labels.${label} }} ${label}={{ . }}{{ end }}`);
  return `${rule.title}${subject.join("")}`;
}

/**
 * A state in breach, by subject. A gauge is gone with the process that exported it, and where a look at the state failed; an alert
 * on the gauge alone would be over then. So an alert that speaks is kept (Prometheus writes its own alerts down as a metric)
 * until a watcher that has run for ten minutes, and whose look at that subject did not fail, no longer finds it.
 *
 * The watcher says which rules a maintenance window covers: what it keeps quiet is quiet here too, and speaks when the window ends.
 */
function stateExpression(id: string, probe: string): string {
  const breached = `proofx_watcher_probe_breached{probe="${probe}"}`;
  const failed = (more: string): string => `proofx_watcher_probe_failed{probe="${probe}"${more}} == 1`;
  const kept = [
    `(ALERTS{alertname="${id}",alertstate="firing",source="prometheus"}`,
    `unless on (subject) ${breached})`,
  ].join(" ");
  return [
    "max by (subject) (",
    `  ${breached} == 1`,
    `  or ${kept}`,
    `    unless on () (time() - process_start_time_seconds{service="watcher"} > ${SETTLED})`,
    `  or ${kept}`,
    `    and on (subject) ${failed("")}`,
    `  or ${kept}`,
    `    and on () ${failed(',subject=""')}`,
    ")",
    `unless on () proofx_watcher_silenced{rule="${id}"} == 1`,
  ].join("\n");
}
