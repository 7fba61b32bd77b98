import type { Silence } from "../../ops/alerts/index.ts";
import { HEARTBEAT } from "../../ops/render/prometheus/heartbeat.ts";

/** The same window for what Prometheus tells Alertmanager by itself, as a line for a shell. Without rules: all of it but the sign of life. */
export function amtoolLine({
  rules,
  severities,
  from,
  until,
  reason,
  by,
}: Pick<Silence, "rules" | "severities" | "from" | "until" | "reason" | "by">): string {
  const which =
    rules.length > 0
      ? [`alertname=~${rules.join("|")}`]
      : ["source=prometheus", `alertname!=${HEARTBEAT.alert}`];
  const severe = severities.length === 0 ? [] : [`severity=~${severities.join("|")}`];
  const words = [
    ...which,
    ...severe,
    `--start=${from}`,
    `--end=${until}`,
    `--author=${by}`,
    `--comment=${reason}`,
  ];
  return ["amtool silence add", ...words.map(quoted)].join(" ");
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
