import { expect } from "chai";
import { type HistoryEntry, summarise } from "../../../src/ops/alerts/index.ts";
import { anAlert, START } from "./support.ts";

const MINUTE = 60_000;

describe("A summary of alerts", () => {
  const at = (minutes: number): string => new Date(START + minutes * MINUTE).toISOString();
  const phase = (
    minutes: number,
    kind: "unconfirmed" | "open" | "retracted" | "resolved",
    more: Partial<ReturnType<typeof anAlert>> = {},
  ): HistoryEntry => {
    const { key, rule, severity, since, summary } = anAlert(more);
    return { at: at(minutes), kind, key, rule, severity, since, summary };
  };
  const acknowledged = (minutes: number, key: string): HistoryEntry => ({
    at: at(minutes),
    kind: "acknowledged",
    key,
    by: "alice",
  });
  const sum = (history: HistoryEntry[], now = 600) =>
    summarise(history, { since: START, until: START + 600 * MINUTE }, START + now * MINUTE);

  it("counts as answered in time what its severity allows: critical 15 minutes, high an hour", () => {
    const { rules, began } = sum([
      phase(0, "unconfirmed", { key: "a" }),
      phase(1, "open", { key: "a" }),
      phase(2, "open", { key: "b" }),
      phase(3, "open", { key: "c" }),
      phase(4, "open", { key: "d", rule: "DiskFilling", severity: "high" }),
      acknowledged(15, "a"),
      acknowledged(18, "b"),
      acknowledged(64, "d"),
      phase(400, "resolved", { key: "a" }),
    ]);
    expect(began).to.deep.equal({ critical: 3, high: 1, medium: 0, low: 0 });
    expect(rules).to.deep.equal([
      {
        ...{ rule: "RoleGranted", severity: "critical", began: 3, resolved: 1, retracted: 0 },
        ...{ inTime: 1, late: 2 },
      },
      {
        ...{ rule: "DiskFilling", severity: "high", began: 1, resolved: 0, retracted: 0 },
        ...{ inTime: 1, late: 0 },
      },
    ]);
  });

  it("counts a state that came back as two, and leaves out what began before or after", () => {
    const { rules } = sum([
      phase(-10, "open", { key: "before" }),
      phase(1, "open"),
      phase(2, "resolved"),
      phase(3, "open"),
      phase(4, "retracted"),
      phase(601, "open", { key: "after" }),
    ]);
    expect(rules[0]).to.include({ began: 2, resolved: 1, retracted: 1, inTime: 2, late: 0 });
  });

  it("says how long deliveries took, and what was given up", () => {
    const told = { key: "a", sink: "pager", phase: "open", attempts: 1 } as const;
    const { sinks } = sum([
      ...[30, 10, 20].map((age): HistoryEntry => ({ at: at(1), kind: "delivered", age, ...told })),
      { at: at(2), kind: "dead-letter", age: 5, reason: "400", ...told },
      { at: at(-1), kind: "delivered", age: 9_999, ...told },
    ]);
    expect(sinks).to.deep.equal([{ sink: "pager", delivered: 3, deadLetters: 1, middle: 20, longest: 30 }]);
  });
});
