import { spawnSync } from "node:child_process";
import { expect } from "chai";
import { runTool } from "../../../src/ops/subgraph/tools.ts";

describe("a tool of the subgraph", () => {
  it("that ends by itself gives its code and both its streams", async () => {
    const ran = await runTool("sh", ["-c", "echo told; echo complained >&2; exit 3"], {
      cwd: ".",
      timeout: 20,
    });
    expect(ran).to.deep.equal({ code: 3, output: "told\ncomplained\n", late: false });
  });

  it("that does not end is ended with all it started, keeps what it said, and counts as late", async () => {
    const ran = await runTool("sh", ["-c", "echo $$; sleep 600 & echo $!; wait"], { cwd: ".", timeout: 1 });
    expect(ran.late).to.equal(true);
    const [shell = "", sleep = ""] = ran.output.split("\n");
    for (const pid of [shell, sleep]) expect(isRunning(Number(pid)), pid).to.equal(false);
    expect(ran.output).to.contain("ended after 1 s");
  });
});

/** One that has ended may still stand in the table of processes, until somebody asks for its code. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.startsWith("Z");
}
