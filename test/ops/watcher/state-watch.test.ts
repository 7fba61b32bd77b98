import { expect } from "chai";
import type { Alert, Finding } from "../../../src/ops/alerts/index.ts";
import { PAUSE_RULES } from "../../../src/ops/monitors/rules/pause.ts";
import { StateWatch } from "../../../src/ops/watcher/state-watch.ts";
import { anAlert } from "../alerts/support.ts";

describe("The watch of states", () => {
  it("ends an event's alert by a look at its block or a later one, never by nodes that lag behind it", async () => {
    const paused = anAlert({ key: "Paused/1", rule: "Paused", details: { block: "17" } });
    const told: Alert[] = [];
    const alerts = {
      active: () => [paused],
      records: () => [],
      raise: async (raised: readonly Alert[]) => void told.push(...raised),
    };
    const watch = new StateWatch({ rules: PAUSE_RULES, alerts, now: () => 0 });
    const look = (block: number) => {
      const finding: Finding = { subject: "", breached: false, summary: "attesting is not paused", block };
      return watch.look({ name: "paused", every: 1, look: async () => [finding] });
    };
    await look(16);
    expect(told).to.deep.equal([]);
    await look(17);
    expect(told.map(({ key, phase }) => [key, phase])).to.deep.equal([["Paused/1", "resolved"]]);
  });
});
