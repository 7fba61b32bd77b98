import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import type { HistoryEntry } from "../../src/ops/alerts/index.ts";
import {
  alertsSection,
  figuresOf,
  markdownOf,
  parseMetrics,
  performanceSection,
  quantileOf,
  reportOf,
} from "../../src/ops/reports/index.ts";

const NOW = Date.parse("2026-11-21T09:00:00Z");

/** What a prover shows of itself an hour after its start. */
const metrics = ({ errors = 0, cpu = 360, slow = 0 } = {}): string =>
  [
    "# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.",
    `process_start_time_seconds{service="prover"} ${NOW / 1000 - 3_600}`,
    `process_cpu_seconds_total{service="prover"} ${cpu}`,
    'process_resident_memory_bytes{service="prover"} 104857600',
    `proofx_prover_http_requests_total{method="POST",route="/v1/proofs",status="202",service="prover"} ${1_000 - errors}`,
    `proofx_prover_http_requests_total{method="POST",route="/v1/proofs",status="500",service="prover"} ${errors}`,
    'proofx_prover_proof_seconds_bucket{le="1",service="prover"} 90',
    `proofx_prover_proof_seconds_bucket{le="2",service="prover"} ${slow > 0 ? 94 : 95}`,
    'proofx_prover_proof_seconds_bucket{le="5",service="prover"} 100',
    'proofx_prover_proof_seconds_bucket{le="+Inf",service="prover"} 100',
  ].join("\n");

describe("reports", () => {
  let server: Server | undefined;
  after(() => server?.close());

  const todo = (changes: Parameters<typeof metrics>[0]) =>
    figuresOf("prover", parseMetrics(metrics(changes)), NOW).todo;

  it("hold a service's figures against the limits, at and beyond them", () => {
    expect(todo({ errors: 10, cpu: 2_880 })).to.deep.equal([]);
    expect(todo({ errors: 11 }).join()).to.include("1.1 % errors");
    expect(todo({ cpu: 2_881 }).join()).to.include("80.0 % of a processor");
    expect(todo({ slow: 1 }).join()).to.include("proofs take up to 5 s");
  });

  it("read Prometheus' text, and a quantile as the bound of its bucket", () => {
    const samples = parseMetrics(metrics());
    expect(quantileOf(samples, "proofx_prover_proof_seconds", 0.9)).to.equal(1);
    expect(quantileOf(samples, "proofx_prover_proof_seconds", 0.95)).to.equal(2);
    expect(quantileOf(samples, "proofx_prover_none", 0.95)).to.equal(undefined);
    expect(parseMetrics('a{b="with \\"quotes\\", and, commas"} 1e3')).to.deep.equal([
      { name: "a", labels: { b: 'with \\"quotes\\", and, commas' }, value: 1_000 },
    ]);
  });

  it("ask services for their metrics, and have one that does not answer looked after", async () => {
    const own = createServer((_request, response) => response.end(metrics()));
    server = own;
    await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
    const section = await performanceSection(
      [
        { name: "prover", url: `http://127.0.0.1:${(own.address() as AddressInfo).port}` },
        { name: "relayer", url: "http://127.0.0.1:9" },
      ],
      NOW,
    );
    expect(section.facts).to.deep.include({ name: "prover: memory", value: "100 MiB" });
    expect(section.todo).to.have.length(1);
    expect(section.todo[0]).to.include("relayer does not answer");
  });

  it("count alerts of the period, and name what is open and acknowledged by nobody, however old", () => {
    const at = (hours: number) => new Date(NOW - hours * 3_600_000).toISOString();
    const opened = (
      key: string,
      rule: string,
      severity: "critical" | "low",
      hours: number,
    ): HistoryEntry => ({
      at: at(hours),
      kind: "open",
      key,
      rule,
      severity,
      since: at(hours),
      summary: `${rule} of ${key}`,
    });
    const ended = (key: string, hours: number): HistoryEntry =>
      ({ ...opened(key, "", "low", hours), kind: "resolved" }) as HistoryEntry;
    const history: HistoryEntry[] = [
      opened("old", "AdminTransferBegun", "critical", 50),
      opened("seen", "Upgraded", "critical", 49),
      { at: at(48), kind: "acknowledged", key: "seen", by: "alice" },
      opened("over", "Upgraded", "critical", 3),
      ended("over", 2),
      opened("again", "Unpaused", "low", 2),
    ];
    const section = alertsSection("Alerts", history, NOW - 86_400_000);
    const fact = (name: string) => section.facts.find((each) => each.name === name)?.value;
    expect([fact("critical"), fact("low"), fact("not over")]).to.deep.equal(["1", "1", "3"]);
    expect(section.todo).to.deep.equal([
      "AdminTransferBegun is open and acknowledged by nobody: AdminTransferBegun of old",
    ]);
  });

  it("begin with what is to do, and keep tables whole whatever a figure holds", () => {
    const sections = [
      { title: "A", facts: [{ name: "pipe", value: "a|b\nc" }], todo: ["this"] },
      { title: "B", facts: [], todo: [], missing: "Not looked at." },
    ];
    const report = reportOf("weekly", sections, NOW);
    expect(report).to.include({
      ok: false,
      from: "2026-11-14T09:00:00.000Z",
      to: "2026-11-21T09:00:00.000Z",
    });
    const text = markdownOf(report).join("\n");
    expect(text).to.include("## To do\n\n- [ ] A: this\n").and.to.include("| pipe | a\\|b c |");
  });
});
