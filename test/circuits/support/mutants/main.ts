import { judgeAll, ownSources } from "./run.ts";
import { describeScore, placeOf, readAnswers, scoreOf } from "./score.ts";

/** Judges every mutant of the circuits and prints what became of each: `node test/circuits/support/mutants/main.ts`. */
const judged = await judgeAll(await ownSources(), (_, done, all) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${all} mutants`);
});
if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
for (const { mutant, verdict } of judged) {
  console.log(
    `${verdict.outcome.padEnd(9)} ${placeOf(mutant)}${verdict.why === "" ? "" : `\n          ${verdict.why}`}`,
  );
}
const score = scoreOf(judged, await readAnswers());
for (const fault of score.faults) console.error(fault);
console.log(describeScore(score));
process.exitCode = score.faults.length === 0 ? 0 : 1;
