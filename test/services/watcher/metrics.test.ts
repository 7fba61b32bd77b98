import { expect } from "chai";
import { createMetrics } from "../../../src/services/support/metrics.ts";
import { addWatcherMetrics, type WatcherView } from "../../../src/services/watcher/metrics.ts";

const NOTHING: WatcherView = {
  block: undefined,
  finalBlock: undefined,
  sources: [],
  checkpoints: new Map(),
  lags: [],
  lies: [],
  probes: new Map(),
  alerts: { active: { critical: 0, high: 0, medium: 0, low: 0 }, sinks: {} },
  silenced: new Map(),
};

describe("The watcher's metrics", () => {
  it("are absent, and not 0, while a thing is not known", async () => {
    const metrics = createMetrics("watcher");
    let view: WatcherView | undefined;
    addWatcherMetrics(metrics, () => view);
    const block = async () =>
      /^proofx_watcher_block\{.*\} (.+)$/m.exec(await metrics.registry.metrics())?.[1];
    expect(await block()).to.equal(undefined);
    view = NOTHING;
    expect(await block()).to.equal(undefined);
    view = { ...NOTHING, block: 7 };
    expect(await block()).to.equal("7");
    view = NOTHING;
    expect(await block()).to.equal(undefined);
  });
});
