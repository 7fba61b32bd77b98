import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { campaignLines, countSolidity, type SolidityContract } from "./campaigns.ts";
import { FUZZ_SEED, FUZZ_TIMES, LEAST_CALLS } from "./fuzz-settings.ts";
import { totals } from "./report.ts";
import { reportResult } from "./results.ts";

const HELP = `npx node scripts/test/solidity.ts [FILE...]

Runs the Solidity tests, and says after how many calls each invariant was checked. One that was checked after fewer than
${LEAST_CALLS.toLocaleString("en")} calls fails, and so does a run in which some action never succeeded.

  --times N     N times as many calls, from a seed of its own, which is printed
  --seed HEX    the seed (32 bytes); without --times the suite's own calls come from a fixed one
  --no-compile  everything is compiled already
  --help        this text`;

const { values, positionals } = parseArgs({
  options: {
    help: { type: "boolean", short: "h" },
    times: { type: "string" },
    seed: { type: "string" },
    "no-compile": { type: "boolean", default: false },
  },
  allowPositionals: true,
});

if (values.help === true) console.log(HELP);
else
  process.exitCode = await main(positionals, {
    times: values.times,
    seed: values.seed,
    noCompile: values["no-compile"],
  });

/** Exit code: 0 when all passed, 1 when something failed, 2 for a wrong flag. */
async function main(
  testFiles: string[],
  { times, seed, noCompile }: { times?: string | undefined; seed?: string | undefined; noCompile: boolean },
): Promise<number> {
  if (times !== undefined && !/^[1-9]\d{0,3}$/.test(times)) {
    console.error(`--times: expected a number from 1 to 9999, got "${times}"`);
    return 2;
  }
  if (seed !== undefined && !/^0x[0-9a-fA-F]{64}$/.test(seed)) {
    console.error(`--seed: expected 32 bytes of hex with 0x, got "${seed}"`);
    return 2;
  }
  const chosen = seed ?? (times === undefined ? undefined : `0x${randomBytes(32).toString("hex")}`);
  if (times !== undefined) process.env[FUZZ_TIMES] = times;
  if (chosen !== undefined) process.env[FUZZ_SEED] = chosen;
  // Hardhat reads its configuration, and with it these variables, when it is first imported.
  const { default: hre } = await import("hardhat");
  if (chosen !== undefined) console.log(`seed ${chosen}\n`);
  const ran = await hre.tasks.getTask(["test", "solidity"]).run({ testFiles, noCompile });
  const contracts = (ran.value ?? ran.error).suiteResults as SolidityContract[];
  const result = countSolidity(contracts, LEAST_CALLS * Number(times ?? 1));
  for (const line of campaignLines(contracts)) console.log(line);
  for (const { title, detail } of result.failures) console.error(`\n${title}\n  ${detail}`);
  if (result.failures.length > 0 && chosen !== undefined)
    console.error(`\nAgain: --times ${times ?? 1} --seed ${chosen}`);
  reportResult(result);
  console.log(`\n${totals([result])}`);
  // The runner counts what fails to compile or start as a failure, too.
  return ran.success && result.failures.length === 0 ? 0 : 1;
}
