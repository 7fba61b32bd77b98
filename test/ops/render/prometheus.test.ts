import { globSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse, stringify } from "yaml";
import { AREAS, RULES } from "../../../src/ops/monitors/index.ts";
import { alertOf, isPrometheusRule } from "../../../src/ops/render/prometheus/alerts.ts";
import { ALERT_CASES } from "../../../src/ops/render/prometheus/tests.ts";
import { renderPrometheus } from "../../../src/ops/render/prometheus.ts";
import { needs } from "../../support/needs.ts";
import { onDisk, PROMTOOL, run } from "./support.ts";

describe("Alert rules for Prometheus", function () {
  this.timeout(120_000);

  it("there is one for each rule about metrics or states, with a page; events are left to the watcher", () => {
    const judged = RULES.filter(isPrometheusRule);
    expect(judged.length).to.be.above(40);
    expect(RULES.filter(({ source }) => source.kind === "event").some(isPrometheusRule)).to.equal(false);
    for (const rule of judged) {
      const alert = alertOf(rule);
      expect(alert.labels, rule.id).to.include({ severity: rule.severity, source: "prometheus" });
      expect(alert.annotations.runbook).to.equal(`docs/runbooks/${rule.id}.md`);
    }
  });

  it("each rule about metrics has a case, and each case a rule", () => {
    const metric = RULES.filter(({ source }) => source.kind === "metric").map(({ id }) => id);
    expect([...new Set(ALERT_CASES.map(({ rule }) => rule))]).to.have.members(metric);
  });

  it("Prometheus takes the settings and the rules", function () {
    needs(this, PROMTOOL);
    // Debian's Prometheus is built without Kubernetes: the rest of those settings is held against it.
    const withoutDiscovery = (text: string): string => {
      const config = parse(text);
      for (const each of config.scrape_configs) delete each.kubernetes_sd_configs;
      return stringify(config);
    };
    const disk = onDisk(renderPrometheus(), ({ path, text }) =>
      path.endsWith("-kubernetes.yml") ? withoutDiscovery(text) : text,
    );
    try {
      const settings = ["prometheus", "prometheus-kubernetes"];
      const files = settings.map((name) => join(disk.folder, `prometheus/${name}.yml`));
      const { status, output } = run("promtool", ["check", "config", ...files]);
      expect(status, output).to.equal(0);
      for (const area of globSync("prometheus/rules/*.yml", { cwd: disk.folder }))
        expect(output).to.include(area.replace("prometheus/", ""));
    } finally {
      disk.remove();
    }
  });

  it("every alert speaks in its case, in its words, and is quiet just beside it; a dead watcher ends no state", function () {
    needs(this, PROMTOOL);
    // A rule a file: promtool evaluates all of a file's rules for each of its cases.
    const alone = RULES.filter(isPrometheusRule).map((rule) => [rule.id, [rule]] as const);
    const disk = onDisk(renderPrometheus(Object.fromEntries(alone)));
    try {
      const tests = globSync(join(disk.folder, "prometheus/tests/*.yml"));
      expect(tests.length).to.equal(alone.length + 1);
      const { status, output } = run("promtool", ["test", "rules", ...tests]);
      expect(status, output).to.equal(0);
    } finally {
      disk.remove();
    }
  });

  const SABOTAGE: readonly (readonly [what: string, from: RegExp, to: string, rule: string])[] = [
    ["a limit is moved", /> 0\.8\b/g, "> 0.9", "CpuHigh"],
    ["a limit is gone", /^(.*_processors"\}\)) > 0\.8/gm, "$1", "CpuHigh is quiet"],
    ["a state is forgotten with its watcher", /or \(ALERTS.*\n.*unless on \(\) \(time.*/g, "", "DiskFilling"],
    ["a state is remembered for ever", /unless on \(\) \(time.*\)/g, "", "DiskFilling"],
    [
      "a failed look ends a state",
      /and on \(subject\) .*_failed\{.*/g,
      "and on () vector(-1) > 0",
      "DiskFilling",
    ],
    ["a probe that fails ends its states", /,subject=""\} == 1/g, ',subject=""} == 2', "DiskFilling"],
    ["a maintenance window is not kept", /unless on \(\) proofx_watcher_silenced.*/g, "", "DiskFilling"],
    [
      "another rule's window is taken for its own",
      /_silenced\{rule="DiskFilling"\}/g,
      "_silenced",
      "DiskFilling",
    ],
    ["a severity is another", /severity: medium/g, "severity: low", "CpuHigh"],
  ];
  for (const [what, from, to, rule] of SABOTAGE)
    it(`the cases find it when ${what}`, function () {
      needs(this, PROMTOOL);
      const two = AREAS.hosts.filter(({ id }) => id === "CpuHigh" || id === "DiskFilling");
      const hosts = renderPrometheus({ hosts: two });
      let changed = 0;
      const disk = onDisk(hosts, ({ path, text }) => {
        if (!path.startsWith("prometheus/rules/")) return text;
        const other = text.replace(from, to);
        if (other !== text) changed++;
        return other;
      });
      try {
        expect(changed).to.equal(1);
        const { status, output } = run("promtool", [
          "test",
          "rules",
          join(disk.folder, "prometheus/tests/hosts.yml"),
        ]);
        expect(status, output).to.equal(1);
        expect(output).to.include(rule.split(" ")[0]);
      } finally {
        disk.remove();
      }
    });
});
