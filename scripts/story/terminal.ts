import type { StoryListener } from "./run.ts";

/** Tells the story line by line: what begins and how long it should take, what came of it and how long it took. */
export function terminalListener(): StoryListener {
  const started = performance.now();
  return {
    begin(step, index, total) {
      const { first, again } = step.expected;
      const expected =
        first === again ? `about ${first} s` : `about ${first} s the first time, ${again} s later`;
      console.log(`\nStep ${index + 1} of ${total}: ${step.title} (${expected})`);
    },
    note(line) {
      console.log(`    ${line}`);
    },
    end({ report, seconds }) {
      const total = ((performance.now() - started) / 1000).toFixed(0);
      console.log(`  ${report.result}  [${seconds.toFixed(1)} s, ${total} s in all]`);
    },
  };
}
