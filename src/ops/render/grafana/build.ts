import { GraphThresholdsStyleMode, VizLegendOptionsBuilder } from "@grafana/grafana-foundation-sdk/common";
import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as LinesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import type { DashboardData, PanelData } from "./panels.ts";

/** Whoever imports a dashboard chooses which Prometheus it asks. */
const SOURCE = { type: "prometheus", uid: "$datasource" } as const;
/** Of the grid's 24 columns; and rows of it. */
const WIDTH = 24;
const HEIGHT = 8;

/** A dashboard as Grafana imports it. */
export function buildDashboard({ uid, title, description, rows }: DashboardData): object {
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(["proofx"])
    .timezone("utc")
    .refresh("1m")
    .time({ from: "now-24h", to: "now" })
    .withVariable(new DatasourceVariableBuilder("datasource").label("Prometheus").type("prometheus"));
  let id = 1;
  for (const row of rows) {
    dashboard.withRow(new RowBuilder(row.title).id(id++));
    for (const panel of row.panels) {
      dashboard.withPanel(panelOf(panel, Math.floor(WIDTH / row.panels.length)).id(id++));
    }
  }
  return dashboard.build();
}

function panelOf(panel: PanelData, span: number): LinesBuilder | StatBuilder {
  const { title, description, unit, kind, targets, limit } = panel;
  const builder = kind === "lines" ? new LinesBuilder() : new StatBuilder();
  builder
    .title(title)
    .description(description)
    .unit(unit)
    .span(span)
    .height(HEIGHT)
    .datasource(SOURCE)
    .min(0);
  for (const [i, { expression, legend }] of targets.entries()) {
    builder.withTarget(
      new DataqueryBuilder()
        .refId(String.fromCharCode(65 + i))
        .expr(expression)
        .legendFormat(legend)
        .datasource(SOURCE),
    );
  }
  const steps = [
    { value: null, color: "green" },
    ...(limit === undefined ? [] : [{ value: limit, color: "red" }]),
  ];
  builder.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps));
  if (builder instanceof LinesBuilder) {
    builder.legend(new VizLegendOptionsBuilder().showLegend(true));
    if (limit !== undefined)
      builder.thresholdsStyle({ build: () => ({ mode: GraphThresholdsStyleMode.Line }) });
  }
  return builder;
}
