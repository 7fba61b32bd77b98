/** A query of a panel. `$__rate_interval` is Grafana's, at least four scrapes long. */
export interface Target {
  readonly expression: string;
  /** Name of each line, e.g. `{{service}}`. */
  readonly legend: string;
}

/** One panel, as people read it. */
export interface PanelData {
  readonly title: string;
  /** What it shows, and from when on it is bad. */
  readonly description: string;
  /** Grafana's unit id. */
  readonly unit: string;
  /** Lines over time, or the newest figure. */
  readonly kind: "lines" | "figure";
  readonly targets: readonly Target[];
  /** From here on it is red: the limit of the rule about it. */
  readonly limit?: number;
}

export interface RowData {
  readonly title: string;
  readonly panels: readonly PanelData[];
}

export interface DashboardData {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly RowData[];
}

/** Lines of a histogram's quantiles, over everything that is not in `by`. */
export function quantiles(metric: string, matchers = ""): Target[] {
  return [0.5, 0.95, 0.99].map((q) => ({
    expression: `histogram_quantile(${q}, sum by (le) (rate(${metric}_bucket{${matchers}}[$__rate_interval])))`,
    legend: `p${q * 100}`,
  }));
}
