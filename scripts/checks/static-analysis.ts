import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { refuseSkips, totals } from "../test/report.ts";
import { reportResult, type SuiteResult } from "../test/results.ts";
import { writeBuildInfo } from "./static-analysis/compile.ts";
import {
  type Answer,
  judgeFindings,
  type RuleAnswer,
  type SlitherReport,
} from "./static-analysis/findings.ts";
import { ROOT, run } from "./support/process.ts";
import { faultLine } from "./support/sources.ts";

const HELP = `npx node scripts/checks/static-analysis.ts

Runs Slither over the contracts. Every finding is corrected, or answered in contracts/slither.json with its reason.
The first run installs Slither from the Python package index into build/static-analysis, every file checked against its
hash in scripts/checks/static-analysis/requirements.txt; later runs need no network. Contracts that are as they were when it last
looked at them have the report of then.

  --no-install   skip it where it is not installed
  --help         this text`;

const FOLDER = join(ROOT, "build/static-analysis");
const REQUIREMENTS = join(ROOT, "scripts/checks/static-analysis/requirements.txt");
const ANSWERS = join(ROOT, "contracts/slither.json");
const NEED = { command: "python3 (3.11, venv)", install: "apt-get install python3 python3-venv" };

const NOT_HERE = { command: "slither", install: "npx node scripts/checks/static-analysis.ts" };

const { values } = parseArgs({
  options: { help: { type: "boolean", short: "h" }, "no-install": { type: "boolean" } },
});
if (values.help === true) console.log(HELP);
else {
  const judged = process.env.PROOFX_NO_SKIP === "1" ? refuseSkips(await analyse()) : await analyse();
  for (const { detail } of judged.failures) console.error(detail);
  for (const { need } of judged.skips) {
    console.error(`SKIPPED: Slither did not run, because ${need?.command} is missing: ${need?.install}`);
  }
  reportResult(judged);
  console.log(totals([judged]));
  process.exitCode = judged.failures.length === 0 ? 0 : 1;
}

async function analyse(): Promise<SuiteResult> {
  const title = "Slither over the contracts";
  const noInstall = values["no-install"] === true;
  const slither = await installed(noInstall);
  if (slither === undefined)
    return { passed: 0, failures: [], skips: [{ title, need: noInstall ? NOT_HERE : NEED }] };
  const report = await slitherReport(slither);
  const answers = JSON.parse(readFileSync(ANSWERS, "utf8")) as (Answer | RuleAnswer)[];
  const faults = judgeFindings(ROOT, report, answers);
  if (faults.length > 0) {
    const remedy = "Correct the contract, or answer the finding in contracts/slither.json";
    return {
      passed: 0,
      failures: [{ title, detail: `${faults.map(faultLine).join("\n")}\n${remedy}` }],
      skips: [],
    };
  }
  console.log(`${report.results.detectors?.length ?? 0} findings, each answered in contracts/slither.json`);
  return { passed: 1, failures: [], skips: [] };
}

/** Slither's program, installed when it is not there yet; undefined without a Python that can, or where nothing is to be installed. */
async function installed(noInstall: boolean): Promise<string | undefined> {
  const venv = join(FOLDER, "venv");
  const stamp = join(venv, "requirements.sha256");
  const wanted = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex");
  const slither = join(venv, "bin/slither");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return slither;
  if (noInstall) return undefined;
  rmSync(venv, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  console.log("installing Slither into build/static-analysis (a minute; the network is needed once)");
  if ((await run(["python3", "-m", "venv", venv])).code !== 0) return undefined;
  const pip = [join(venv, "bin/pip"), "install", "--quiet", "--disable-pip-version-check"];
  const ran = await run([...pip, "--require-hashes", "-r", REQUIREMENTS], { timeoutSeconds: 900 });
  if (ran.code !== 0) throw new Error(`Slither cannot be installed:\n${ran.output}`);
  writeFileSync(stamp, wanted);
  return slither;
}

async function slitherReport(slither: string): Promise<SlitherReport> {
  const artifacts = join(FOLDER, "artifacts");
  const file = join(FOLDER, "report.json");
  writeBuildInfo(ROOT, artifacts);
  const [stamp, looked] = [join(FOLDER, "report.sha256"), digestOf(artifacts)];
  if (existsSync(file) && existsSync(stamp) && readFileSync(stamp, "utf8") === looked) {
    console.log("the contracts are as they were: the report of then");
    return JSON.parse(readFileSync(file, "utf8")) as SlitherReport;
  }
  for (const old of [stamp, file]) rmSync(old, { force: true });
  const hardhat = ["--hardhat-ignore-compile", "--hardhat-artifacts-directory", artifacts];
  // It exits with an error when it finds something, which it always does here.
  const ran = await run([slither, ".", ...hardhat, "--filter-paths", "node_modules", "--json", file], {
    timeoutSeconds: 300,
  });
  if (!existsSync(file)) throw new Error(`Slither ended with ${ran.code} and no report:\n${ran.output}`);
  const report = JSON.parse(readFileSync(file, "utf8")) as SlitherReport;
  if (!report.success) throw new Error(`Slither failed: ${report.error}`);
  writeFileSync(stamp, looked);
  return report;
}

/** What a report follows from: what was compiled, sources and all, and which Slither looked at it. */
function digestOf(artifacts: string): string {
  const hash = createHash("sha256").update(readFileSync(REQUIREMENTS));
  for (const file of globSync("build-info/*", { cwd: artifacts }).sort())
    hash.update(readFileSync(join(artifacts, file)));
  return hash.digest("hex");
}
