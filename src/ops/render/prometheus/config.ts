/** Where each service answers on its own machine or in its own container, by the ports of `config/proofx.toml`. */
const JOBS: Readonly<Record<string, string>> = {
  sequencer: "sequencer:8440",
  anchor: "anchor:8510",
  witness: "witness:8500",
  prover: "prover:8480",
  relayer: "relayer:8490",
  watcher: "watcher:8520",
};

/** What both have: whose rules, whom it tells. Times are those that the rules count on. */
const COMMON = {
  global: { scrape_interval: "15s", scrape_timeout: "10s", evaluation_interval: "15s" },
  rule_files: ["rules/*.yml"],
  alerting: { alertmanagers: [{ static_configs: [{ targets: ["alertmanager:9093"] }] }] },
};

/** Prometheus' settings where each service has one address: Compose, or machines of one's own. */
export function prometheusConfig(): object {
  return {
    ...COMMON,
    scrape_configs: Object.entries(JOBS).map(([job, target]) => ({
      job_name: job,
      static_configs: [{ targets: [target] }],
    })),
  };
}

/**
 * Prometheus' settings in Kubernetes, where it reads every pod by itself: a Service's address would give it another replica's
 * counters each time. Jobs are named as elsewhere, by the pods' labels (`infra/kubernetes`).
 */
export function kubernetesConfig(): object {
  const from = (source: string): { source_labels: string[] } => ({
    source_labels: [`__meta_kubernetes_pod_${source}`],
  });
  return {
    ...COMMON,
    scrape_configs: [
      {
        job_name: "proofx",
        kubernetes_sd_configs: [{ role: "pod", namespaces: { names: ["proofx"] } }],
        relabel_configs: [
          { ...from("label_app_kubernetes_io_part_of"), regex: "proofx", action: "keep" },
          { ...from("label_app_kubernetes_io_name"), regex: Object.keys(JOBS).join("|"), action: "keep" },
          { ...from("container_port_name"), regex: "http", action: "keep" },
          { ...from("label_app_kubernetes_io_name"), target_label: "job" },
          { ...from("name"), target_label: "instance" },
        ],
      },
    ],
  };
}
