import { mkdirSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { PATHS, type StoryStep } from "../../scripts/story/context.ts";
import { lockStory } from "../../scripts/story/lock.ts";
import { failureLines, runStory } from "../../scripts/story/run.ts";

/** Asks a task for something that it refuses; the step expects it to work. */
const failing: StoryStep = {
  id: "failing",
  title: "A step whose command is refused",
  expected: { first: 1, again: 1 },
  code: [],
  async run({ task }) {
    await task(["facts", "commit"], { in: "nowhere.json", out: "never.json" });
    return { result: "", inputs: {}, outputs: {} };
  },
};

describe("a story that fails", function () {
  this.timeout(60_000);

  it("names the step, the command's own reason, the log file and what to do next", async () => {
    const unlock = await lockStory();
    try {
      mkdirSync(PATHS.logs, { recursive: true });
      const silent = { begin() {}, note() {}, end() {} };
      const error = await runStory([failing], "http://127.0.0.1:1", silent).catch(
        (reason: unknown) => reason,
      );
      const [message, log, next] = failureLines(error);
      expect(message).to.contain("step failing failed").and.to.contain("nowhere.json cannot be read");
      expect(log).to.equal(`Log:  ${PATHS.logs}/01-failing.log`);
      expect(next).to.contain("npm start again");
      expect(readFileSync(`${PATHS.logs}/01-failing.log`, "utf8")).to.contain("$ npx hardhat facts commit");
    } finally {
      await unlock();
    }
  });
});
