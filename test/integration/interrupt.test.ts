import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { expect } from "chai";
import lockfile from "proper-lockfile";
import { PATHS, STORY } from "../../scripts/story/context.ts";
import { needs } from "../support/needs.ts";

/** Starts the story and waits until its chain is up and a step's command is running. */
async function startStory(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["scripts/story/main.ts"], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise<void>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the story ended with ${code}`)));
    child.stdout?.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes("Step 2")) resolve();
    });
  });
  return child;
}

/** Process ids of the commands that a story is running. */
async function childrenOf(story: ChildProcess): Promise<number[]> {
  const ps = spawn("ps", ["-o", "pid=", "--ppid", String(story.pid)], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let text = "";
  ps.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(ps, "close");
  return text.trim().split(/\s+/).filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("npm start, interrupted", function () {
  this.timeout(120_000);

  before(function () {
    needs(this, { command: "ps", install: "apt-get install procps" });
  });

  it("Ctrl-C leaves no process, no lock and no address of a chain that is gone", async () => {
    const story = await startStory();
    const commands = await childrenOf(story);
    expect(commands, "a command was running").to.not.deep.equal([]);
    story.kill("SIGINT");
    const [code] = (await once(story, "exit")) as [number | null];
    expect(code).to.equal(130);
    expect(commands.filter(isAlive)).to.deep.equal([]);
    expect(existsSync(PATHS.stack)).to.equal(false);
    expect(await lockfile.check(STORY)).to.equal(false);
  });

  it("a second story in the same folder is refused while one runs", async () => {
    const first = await startStory();
    try {
      const second = spawn(process.execPath, ["scripts/story/main.ts"], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      let errors = "";
      second.stderr.on("data", (chunk: Buffer) => {
        errors += chunk.toString();
      });
      const [code] = (await once(second, "exit")) as [number | null];
      expect(code).to.equal(3);
      expect(errors).to.contain("another story is running");
    } finally {
      first.kill("SIGINT");
      await once(first, "exit");
    }
  });
});
