import { join } from "node:path";
import { expect } from "chai";
import { registeredMetrics } from "../../../scripts/checks/monitors/registered.ts";
import { type Selector, selectorsOf } from "../../../src/ops/monitors/promql.ts";
import { DASHBOARDS, renderGrafana } from "../../../src/ops/render/grafana.ts";
import { yamlText } from "../../../src/ops/render/prometheus.ts";
import { needs } from "../../support/needs.ts";
import { onDisk, PROMTOOL, run } from "./support.ts";

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly w: number };
  readonly targets?: readonly { readonly expr: string }[];
}
interface Dashboard {
  readonly title: string;
  readonly uid: string;
  readonly panels: readonly Panel[];
}

/** Of Prometheus itself, about the alerts it has. */
const ALERTS = "ALERTS";
/** Histograms are asked by their parts. */
const PARTS = ["_bucket", "_sum", "_count"];

describe("Dashboards for Grafana", function () {
  this.timeout(60_000);
  const dashboards = renderGrafana().map(({ text }) => JSON.parse(text) as Dashboard);
  const queries = dashboards.flatMap(({ title, panels }) =>
    panels.flatMap((panel) =>
      (panel.targets ?? []).map(({ expr }, i) => ({ where: `${title} / ${panel.title} / ${i}`, expr })),
    ),
  );

  it("are Performance, Security and Protocol; their panels fill rows of 24 columns and have ids of their own", () => {
    expect(dashboards.map(({ uid }) => uid)).to.deep.equal([
      "proofx-performance",
      "proofx-security",
      "proofx-protocol",
    ]);
    for (const { panels, title } of dashboards) {
      const ids = panels.map(({ id }) => id);
      expect(new Set(ids).size, title).to.equal(ids.length);
      for (const { gridPos, type, targets, title: panel } of panels) {
        expect(gridPos.x + gridPos.w, panel).to.be.at.most(24);
        if (type !== "row") expect(targets?.length, panel).to.be.above(0);
      }
    }
    const data = DASHBOARDS.flatMap(({ rows }) => rows.flatMap(({ panels }) => panels));
    expect(queries.length).to.equal(data.flatMap(({ targets }) => targets).length);
  });

  it("every query is one that Prometheus takes", function () {
    needs(this, PROMTOOL);
    const rules = queries.map(({ expr }, i) => ({
      record: `panel:query:${i}`,
      expr: expr.replaceAll("$__rate_interval", "1m"),
    }));
    const disk = onDisk([{ path: "queries.yml", text: yamlText({ groups: [{ name: "panels", rules }] }) }]);
    try {
      const { status, output } = run("promtool", ["check", "rules", join(disk.folder, "queries.yml")]);
      expect(status, output).to.equal(0);
      expect(output).to.include(`${queries.length} rules found`);
    } finally {
      disk.remove();
    }
  });

  it("every query asks for a metric that a service registers, by labels that it has", () => {
    const metrics = new Map(
      registeredMetrics().flatMap(({ name, type, labels }) =>
        type === "histogram"
          ? PARTS.map((part) => [`${name}${part}`, [...labels, "le"]] as const)
          : [[name, labels] as const],
      ),
    );
    const faults = queries.flatMap(({ where, expr }) =>
      selectorsOf(expr.replaceAll("$__rate_interval", "1m")).flatMap(({ name, matchers }) =>
        faultsOf(name, matchers, metrics).map((fault) => `${where}: ${fault}`),
      ),
    );
    expect(faults).to.deep.equal([]);
  });
});

function faultsOf(
  name: Selector["name"],
  matchers: Selector["matchers"],
  metrics: ReadonlyMap<string, readonly string[]>,
): string[] {
  if ("is" in name && name.is === ALERTS) return [];
  const meant = [...metrics].filter(([each]) => ("is" in name ? each === name.is : name.matches.test(each)));
  if (meant.length === 0) return [`nobody registers ${"is" in name ? name.is : name.matches.source}`];
  return matchers
    .filter(({ label }) => !meant.some(([, labels]) => labels.includes(label)))
    .map(({ label }) => `it has no label ${label}`);
}
