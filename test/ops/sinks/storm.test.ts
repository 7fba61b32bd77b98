import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readFields } from "../../../src/core/json.ts";
import { openAlerts } from "../../../src/ops/alerts/index.ts";
import { alertsSection, openSinks } from "../../../src/ops/sinks/index.ts";
import { anAlert } from "../alerts/support.ts";
import { startStub } from "./stub-receiver.ts";

const COUNT = 150;
const BUSY = [
  { status: 429, headers: { "retry-after": "0" } },
  { status: 503, headers: { "retry-after": "0" } },
];

describe("A storm of alerts", function () {
  this.timeout(60_000);
  it("reaches PagerDuty and Slack whole, each alert once, though both say now and then that it is too much", async () => {
    const folder = mkdtempSync(join(tmpdir(), "proofx-storm-"));
    const [pager, slack] = await Promise.all([startStub(), startStub()]);
    try {
      writeFileSync(join(folder, "key"), "routing-key", { mode: 0o600 });
      writeFileSync(join(folder, "url"), `${slack.url}/hook`, { mode: 0o600 });
      const settings = readFields(
        alertsSection,
        {
          folder: join(folder, "alerts"),
          sink: [
            {
              kind: "pagerduty",
              name: "pager",
              routing_key_file: join(folder, "key"),
              url: pager.url,
              interval: 0,
            },
            { kind: "slack", name: "slack", url_file: join(folder, "url"), interval: 0 },
          ],
        },
        "t.toml",
      );
      const ok = { status: 202 };
      const answers = Array.from({ length: COUNT }, (_, index) =>
        index % 50 === 49 ? [...BUSY, ok] : [ok],
      ).flat();
      pager.answers.push(...answers);
      slack.answers.push(...answers);
      const alerts = openAlerts({ folder: settings.folder, sinks: await openSinks(settings) });
      try {
        const storm = Array.from({ length: COUNT }, (_, index) => anAlert({ key: `event/${index}` }));
        // As the watcher does when it comes over the same blocks again.
        for (let from = 0; from < COUNT; from += 50) await alerts.raise(storm.slice(0, from + 50));
        // Not waiting for those that asked for a pause, it comes back early.
        while (!(await alerts.drained(40_000))) await new Promise((resolve) => setTimeout(resolve, 50));
      } finally {
        await alerts.close();
      }
      const taken = pager.got.filter((_, index) => answers[index]?.status === 202);
      const keys = taken.map(({ body }) => body.dedup_key);
      expect([keys.length, new Set(keys).size]).to.deep.equal([COUNT, COUNT]);
      expect([pager.got.length, slack.got.length]).to.deep.equal([answers.length, answers.length]);
    } finally {
      await Promise.all([pager.close(), slack.close()]);
      rmSync(folder, { recursive: true });
    }
  });
});
