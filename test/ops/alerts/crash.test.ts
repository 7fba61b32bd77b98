import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { openAlerts } from "../../../src/ops/alerts/index.ts";
import { RecordingSink } from "./support.ts";

const SCRIPT = join(import.meta.dirname, "raise-until-killed.ts");
const COUNT = 1_000;

describe("Alerts of a killed process", function () {
  this.timeout(60_000);
  it("are all delivered by the next one, each once, though it was in the middle of one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "proofx-killed-"));
    const child = spawn(process.execPath, [SCRIPT, folder, String(COUNT)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      await new Promise<void>((resolve, reject) => {
        child.stdout.on("data", (chunk) => String(chunk).includes("taken") && resolve());
        child.once("close", () => reject(new Error("the process ended by itself")));
      });
      const gone = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGKILL");
      await gone;
      const sink = new RecordingSink();
      const alerts = openAlerts({ folder, sinks: [sink] });
      try {
        expect(alerts.active()).to.have.length(COUNT);
        expect(await alerts.drained(30_000)).to.equal(true);
        expect(sink.got).to.have.length(COUNT);
        expect(new Set(sink.got).size).to.equal(COUNT);
      } finally {
        await alerts.close();
      }
    } finally {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    }
  });
});
