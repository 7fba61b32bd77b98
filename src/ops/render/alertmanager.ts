import { RULES } from "../monitors/index.ts";
import { RESPONSE_SECONDS, type Rule, SEVERITIES, type Severity } from "../monitors/rule.ts";
import { isPrometheusRule } from "./prometheus/alerts.ts";
import { HEARTBEAT } from "./prometheus/heartbeat.ts";
import { yamlText } from "./prometheus.ts";
import type { RenderedFile } from "./rendered.ts";

/** Where secrets are: files that Alertmanager alone reads. */
const SECRETS = "/etc/alertmanager/secrets";

/** What each severity wakes: the escalation matrix of seed 003. Whoever is on call is named by the pager, not here. */
const CHANNELS: Readonly<Record<Severity, readonly ("pager" | "chat" | "mail")[]>> = {
  critical: ["pager", "chat", "mail"],
  high: ["pager", "chat"],
  medium: ["chat", "mail"],
  low: ["mail"],
};

/** Severities in the words of PagerDuty's Events API v2. */
const PAGER_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: "critical",
  high: "error",
  medium: "warning",
  low: "info",
};

/** How long alerts of a severity wait for others like them, for whom one message is enough. */
const GROUP_WAIT: Readonly<Record<Severity, string>> = {
  critical: "0s",
  high: "10s",
  medium: "1m",
  low: "10m",
};

/** While the first speaks, the second says the same with less. */
const SAYS_MORE: readonly (readonly [more: string, less: string, ...of: string[]])[] = [
  ["ApiVerySlow", "ApiSlow", "service"],
  ["DecryptionFailingOften", "DecryptionFailing"],
  ["WatcherDown", "ProbeFailing"],
];

/**
 * Alertmanager's settings: a receiver for each severity, asked again after the time within which somebody must have acted.
 *
 * @param rules Those that Prometheus judges and that only a person resolves get a receiver that does not resolve them.
 */
export function renderAlertmanager(rules: readonly Rule[] = RULES): RenderedFile[] {
  const byHand = SEVERITIES.filter((severity) =>
    rules.some((rule) => rule.severity === severity && rule.resolves.by === "hand" && isPrometheusRule(rule)),
  );
  const config = {
    global: {
      // Only for alerts that come without an end; Prometheus and the watcher both name one and say it again before.
      resolve_timeout: "15m",
      smtp_smarthost: "smtp.example.com:587",
      smtp_from: "proofx@example.com",
      smtp_auth_username: "proofx@example.com",
      smtp_auth_password_file: `${SECRETS}/smtp-password`,
      smtp_require_tls: true,
    },
    route: {
      // What has no severity of ours is for people, too.
      receiver: "high",
      group_by: ["..."],
      routes: [
        {
          receiver: "heartbeat",
          matchers: [`alertname="${HEARTBEAT.alert}"`, 'source="prometheus"'],
          group_wait: "0s",
          repeat_interval: "5m",
        },
        ...byHand.map((severity) =>
          routeOf(severity, `${severity}-by-hand`, ['source="prometheus"', 'resolves="hand"']),
        ),
        ...SEVERITIES.map((severity) => routeOf(severity, severity, [])),
      ],
    },
    inhibit_rules: inhibitions(),
    receivers: [
      {
        name: "heartbeat",
        webhook_configs: [{ send_resolved: false, url: "https://heartbeat.example.com/proofx" }],
      },
      ...SEVERITIES.map((severity) => receiverOf(severity, severity, true)),
      ...byHand.map((severity) => receiverOf(`${severity}-by-hand`, severity, false)),
    ],
  };
  return [{ path: "alertmanager.yml", text: yamlText(config) }];
}

/** Urgent ones each have a message of their own, with all their words; others are collected by rule. */
function routeOf(severity: Severity, receiver: string, more: readonly string[]): object {
  const urgent = severity === "critical" || severity === "high";
  return {
    receiver,
    matchers: [`severity="${severity}"`, ...more],
    group_by: urgent ? ["..."] : ["alertname"],
    group_wait: GROUP_WAIT[severity],
    group_interval: urgent ? "1m" : "10m",
    repeat_interval: `${RESPONSE_SECONDS[severity] / 60}m`,
  };
}

/** The watcher's own word is there first; Prometheus' about the same state is kept for the day that the watcher cannot speak. */
function inhibitions(): object[] {
  return [
    {
      source_matchers: ['source="watcher"'],
      target_matchers: ['source="prometheus"'],
      equal: ["alertname", "subject"],
    },
    ...SAYS_MORE.map(([more, less, ...equal]) => ({
      source_matchers: [`alertname="${more}"`],
      target_matchers: [`alertname="${less}"`],
      ...(equal.length === 0 ? {} : { equal }),
    })),
  ];
}

/** Words for one alert or several: what a group has in common may be nothing. */
const TITLE =
  "{{ .Status | toUpper }}{{ if gt (len .Alerts) 1 }} ({{ len .Alerts }}){{ end }}: {{ with index .Alerts 0 }}{{ .Labels.alertname }}, {{ .Labels.severity }}{{ end }}";
const TEXT = [
  "{{ range .Alerts }}{{ .Annotations.summary }}",
  "{{ with .Annotations.value }}({{ . }}){{ end }}",
  "{{ with .Annotations.phase }}[{{ . }}]{{ end }}",
  "{{ with .Annotations.details }}({{ . }}){{ end }}",
  "since {{ .StartsAt.UTC }}; what to do: {{ .Annotations.runbook }}\n{{ end }}",
].join(" ");

function receiverOf(name: string, severity: Severity, resolve: boolean): object {
  const channels = CHANNELS[severity];
  const send_resolved = resolve;
  return {
    name,
    ...(channels.includes("pager")
      ? {
          pagerduty_configs: [
            {
              send_resolved,
              routing_key_file: `${SECRETS}/pagerduty-routing-key`,
              severity: PAGER_SEVERITY[severity],
              description:
                "{{ with index .Alerts 0 }}{{ .Labels.alertname }}: {{ .Annotations.summary }}{{ end }}",
              details: { alerts: TEXT },
            },
          ],
        }
      : {}),
    ...(channels.includes("chat")
      ? {
          slack_configs: [{ send_resolved, api_url_file: `${SECRETS}/slack-url`, title: TITLE, text: TEXT }],
        }
      : {}),
    ...(channels.includes("mail")
      ? {
          email_configs: [
            {
              send_resolved,
              to: severity === "critical" ? "lead@example.com" : "support@example.com",
              headers: { Subject: TITLE },
              html: "",
              text: TEXT,
            },
          ],
        }
      : {}),
  };
}
