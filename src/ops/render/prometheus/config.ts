/** Where each service answers on its own machine or in its own container, by the ports of `config/proofx.toml`. */
const JOBS: Readonly<Record<string, string>> = {
  sequencer: "sequencer:8440",
  anchor: "anchor:8510",
  witness: "witness:8500",
  prover: "prover:8480",
  relayer: "relayer:8490",
  watcher: "watcher:8520",
};

/** Prometheus' own settings: whom it reads, by which rules, and whom it tells. Times are those that the rules count on. */
export function prometheusConfig(): object {
  return {
    global: { scrape_interval: "15s", scrape_timeout: "10s", evaluation_interval: "15s" },
    rule_files: ["rules/*.yml"],
    alerting: { alertmanagers: [{ static_configs: [{ targets: ["alertmanager:9093"] }] }] },
    scrape_configs: Object.entries(JOBS).map(([job, target]) => ({
      job_name: job,
      static_configs: [{ targets: [target] }],
    })),
  };
}
