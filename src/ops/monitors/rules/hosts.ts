import type { Rule } from "../rule.ts";

/** The machines that services run on, and what has to be renewed in time. */
export const HOST_RULES: readonly Rule[] = [
  {
    id: "CpuHigh",
    title: "A service uses more than 80 % of its processors",
    severity: "medium",
    source: {
      kind: "metric",
      expression: [
        "sum by (service, instance) (rate(process_cpu_seconds_total[5m]))",
        '/ sum by (service, instance) ({__name__=~"proofx_.+_processors"}) > 0.8',
      ].join("\n"),
      for: "5m",
      labels: ["service", "instance"],
    },
    resolves: { by: "state" },
    asked: "001 section 2: CPU Usage > 80%, scale out workers",
  },
  {
    id: "DiskFilling",
    title: "A disk is nearly full",
    severity: "high",
    source: { kind: "state", probe: "disk" },
    resolves: { by: "state" },
    asked: "003 Daily Tasks: health check",
  },
  {
    id: "ClockSkewed",
    title: "A clock is off",
    severity: "medium",
    source: { kind: "state", probe: "clock-skew" },
    resolves: { by: "state" },
    asked: "003 Daily Tasks: health check",
  },
  {
    id: "CertificateExpiring",
    title: "A TLS certificate is about to expire",
    severity: "high",
    source: { kind: "state", probe: "certificate-expiry" },
    resolves: { by: "state" },
    asked: "004 Deployment: TLS certificates valid and auto-renewing",
  },
  {
    id: "KeyRotationDue",
    title: "A key is due for rotation",
    severity: "medium",
    source: { kind: "state", probe: "keys-due" },
    resolves: { by: "state" },
    asked: "001 section 4: Key Rotation Schedule, 90 days; 004 Operations",
  },
  {
    id: "BackupMissing",
    title: "There is no backup that is recent enough",
    severity: "high",
    source: { kind: "state", probe: "backups-missing" },
    resolves: { by: "state" },
    asked: "003 Daily Tasks: verify backup completed",
  },
  {
    id: "BalanceLow",
    title: "An account that pays for transactions runs out of money",
    severity: "high",
    source: { kind: "state", probe: "balance-low" },
    resolves: { by: "state" },
    asked: "003 Failed Deployments: check account balance",
  },
  {
    id: "SubgraphLagging",
    title: "The subgraph is behind the chain",
    severity: "medium",
    source: { kind: "state", probe: "subgraph-lag" },
    resolves: { by: "state" },
    asked: "001 section 2: health of the service",
  },
];
