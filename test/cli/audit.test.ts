import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { verifierKey } from "../../src/core/log/index.ts";
import { auditText, exportAudit } from "../../src/sequencer/audit-file/index.ts";
import { fillStream, openPlain } from "../sequencer/filled.ts";
import { emptyStore } from "../sequencer/support.ts";
import { proofx } from "../support/proofx.ts";

describe("proofx audit check", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "proofx-audit-"));
  const file = join(folder, "audit.json");
  let logKey: string;
  let witness: string;
  let text: string;
  before(async () => {
    const test = await emptyStore("pglite");
    try {
      const stream = await fillStream(test.store);
      const { tenantId, storeId } = stream;
      text = auditText(
        await exportAudit(test.store.as("app"), {
          tenantId,
          storeId,
          sequences: [3n],
          open: openPlain,
          openOwn: openPlain,
          proofs: [],
        }),
      );
      [logKey, witness] = [verifierKey(stream.logKey), verifierKey(stream.witnessKey)];
    } finally {
      await test.close();
    }
  });
  after(() => rmSync(folder, { recursive: true }));

  const check = (content: string, ...options: string[]) => {
    writeFileSync(file, content);
    return proofx(["audit", "check", file, ...options]);
  };

  it("says line by line what is proved and what is not, and ends with 0", async () => {
    const { code, stdout } = await check(text, "--log-key", logKey, "--witness", witness);
    expect(code, stdout).to.equal(0);
    expect(stdout)
      .to.match(/^proved +sequence 3 is event/m)
      .and.to.match(/^NOT PROVED +that no key in it was revoked before/m)
      .and.to.match(/holds: \d+ statements proved, \d+ not proved$/m);
  });

  it("ends with 1 for a file that does not hold, also as JSON", async () => {
    const { code, stdout } = await check(text.replace("order.paid", "order.sent"), "--json");
    expect(code).to.equal(1);
    expect(JSON.parse(stdout)).to.include({ holds: false });
  });

  it("ends with 2 for what is no auditor's file and for a pin of another kind", async () => {
    expect((await check("{}")).code).to.equal(2);
    const { code, stderr } = await check(text, "--log-key", witness);
    expect(code).to.equal(2);
    expect(stderr).to.contain("--log-key: expected a note key (type 1), got");
  });

  it("asks no node without knowing whose contracts count", async () => {
    const { code, stderr } = await check(text, "--rpc", file);
    expect(code).to.equal(2);
    expect(stderr).to.contain("--rpc: expected --deployment beside it");
  });
});
