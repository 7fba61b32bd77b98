import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { VECTORS } from "../core/log/support.ts";
import { runCommand } from "../support/cli.ts";
import { proofx } from "../support/proofx.ts";

const KEY = VECTORS.agent_public;
const EVENTS = VECTORS.events.map(({ event }) => event);
const WRONG = `0x${"ab".repeat(32)}`;

describe("log inspect", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "proofx-inspect-"));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, ...events: readonly object[]): string => {
    const path = join(folder, name);
    writeFileSync(path, `${events.map((each) => JSON.stringify(each)).join("\n")}\n`);
    return path;
  };

  it("prints every hash of an event that is right, and ends with 0", async () => {
    const path = file("right.json", EVENTS[7] ?? {});
    const { code, stdout, stderr } = await proofx([
      "log",
      "inspect",
      path,
      "--sequence",
      "8",
      "--public-key",
      KEY,
    ]);
    expect(code, stderr).to.equal(0);
    const vector = VECTORS.events[7];
    expect(stdout)
      .to.include(`payload_plain_hash   ${vector?.event.payload_plain_hash}  as declared`)
      .and.include(`signing_hash         ${vector?.signing_hash}`)
      .and.include(`leaf                 ${VECTORS.batches[2]?.leaves[3]}`)
      .and.include("agent_signature      holds")
      .and.match(/No problem found\n$/);
  });

  it("says what is wrong with one line of a file, in JSON, and ends with 1", async () => {
    const path = file("some.ndjson", EVENTS[0] ?? {}, { ...EVENTS[3], payload_plain_hash: WRONG });
    const { code, stdout } = await proofx(["log", "inspect", path, "--line", "2", "--json"]);
    expect(code).to.equal(1);
    const { hashes, problems } = JSON.parse(stdout);
    expect(hashes.payload_plain_hash).to.deep.equal({
      declared: WRONG,
      computed: EVENTS[3]?.payload_plain_hash,
    });
    expect(problems).to.have.length(1);
  });

  it("refuses what it cannot inspect, with what to give it", async () => {
    const several = file("two.ndjson", EVENTS[0] ?? {}, EVENTS[1] ?? {});
    for (const [args, exit, words] of [
      [[several], 2, "line: expected 1 to 2, which of the file's events, got nothing"],
      [[several, "--line", "one"], 2, "--line: expected a decimal string"],
      [
        [several, "--line", "1", "--public-key", "0x00"],
        2,
        "--public-key: expected 0x and 64 lower-case hex digits",
      ],
      [[join(folder, "none.json")], 4, "none.json cannot be read"],
    ] as const) {
      const { code, stderr } = await proofx(["log", "inspect", ...args]);
      expect(stderr).to.include(words);
      expect(code).to.equal(exit);
    }
  });

  it("is a task, too", async () => {
    const path = file("task.json", { ...EVENTS[0], payload: 1 });
    const environment = { ...process.env, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" };
    const { code, stdout, stderr } = await runCommand(
      ["log", "inspect", path, "--public-key", KEY],
      environment,
    );
    expect(stdout, stderr)
      .to.include("- payload_plain_hash: the file declares")
      .and.include("agent_signature      holds");
    expect(code).to.equal(1);
  });
});
