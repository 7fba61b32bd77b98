import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { InputError, ProofXError } from "../../src/core/errors.ts";
import { totals } from "../test/report.ts";
import { interruptedStart } from "./newcomer/interrupt.ts";
import { NODE_VERSIONS, type User, users, workFolder } from "./newcomer/machine.ts";
import { LIMITS, Visit } from "./newcomer/visit.ts";
import { ROOT } from "./support/process.ts";
import { duration, table } from "./support/table.ts";

const HELP = `npm run newcomer [-- OPTIONS]

What the README promises, tried out: a fresh clone of the committed HEAD, npm ci with the network, npm start with nothing
but loopback, then tests, for each Node version and user; then a first start interrupted by Ctrl-C and by kill -9.

  --visits 20:root,22:user   Node version and user of each; every combination unless given. Node versions
                     ${Object.keys(NODE_VERSIONS).join(", ")}; root can be both users, anybody else is only user
  --test 22:user     the visits that run all of npm test; otherwise the first runs one suite of it
  --start-only       without the interruptions
  --once             one start of each, and no tests
  --interrupt 20     Node version of the interrupted one; the oldest unless given
  --interrupt-after  seconds into the first start (default 8)
  --help             this text`;

/** Who comes with what. */
interface Combination {
  readonly node: string;
  readonly user: User;
}

interface Plan {
  readonly combinations: readonly Combination[];
  /** Those of them that run all tests. */
  readonly tested: readonly Combination[];
  /** Whether each starts once, and runs no tests. */
  readonly once: boolean;
  /** Node version of the start that is interrupted. */
  readonly interrupted: string | undefined;
  readonly afterSeconds: number;
}

function readPlan(args: string[]): Plan | undefined {
  const { values } = parseArgs({
    args,
    options: {
      visits: { type: "string" },
      test: { type: "string" },
      "start-only": { type: "boolean", default: false },
      once: { type: "boolean", default: false },
      interrupt: { type: "string" },
      "interrupt-after": { type: "string", default: "8" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const all = users().flatMap((user) => Object.keys(NODE_VERSIONS).map((node) => ({ node, user })));
  const combinations = values.visits === undefined ? all : choose("--visits", values.visits, all);
  return {
    combinations,
    tested: values.test === undefined ? [] : choose("--test", values.test, combinations),
    once: values.once,
    interrupted: values["start-only"] ? undefined : interruptedNode(values.interrupt),
    afterSeconds: Number(values["interrupt-after"]),
  };
}

/** The oldest is the most likely to stumble. */
function interruptedNode(given: string | undefined): string | undefined {
  const known = Object.keys(NODE_VERSIONS);
  if (given === undefined) return known[0];
  if (!known.includes(given)) throw InputError.expected("--interrupt", known.join(", "), given);
  return given;
}

function choose(option: string, given: string, possible: readonly Combination[]): Combination[] {
  const names = possible.map(({ node, user }) => `${node}:${user.name}`);
  return given.split(",").map((name) => {
    const found = possible[names.indexOf(name)];
    if (found === undefined) throw InputError.expected(option, names.join(","), name);
    return found;
  });
}

async function main(plan: Plan): Promise<number> {
  const work = workFolder();
  rmSync(join(ROOT, "build/newcomer/logs"), { recursive: true, force: true });
  const visits: Visit[] = [];
  const rows: string[][] = [
    ["newcomer", "npm ci", "npm start", "second", "npm test", "one suite", "node_modules", "build"],
  ];
  for (const [index, combination] of plan.combinations.entries()) {
    const visit = await oneVisit(
      combination,
      work,
      plan.tested.includes(combination),
      index === 0 && !plan.once,
    );
    visits.push(visit);
    rows.push(await row(visit));
    visit.end();
  }
  // The last user is an ordinary one where there is a choice.
  const last = plan.combinations.at(-1);
  if (plan.interrupted !== undefined && last !== undefined) {
    const visit = await interruptedStart(plan.interrupted, last.user, work, plan.afterSeconds);
    visits.push(visit);
    visit.end();
  }
  return report(visits, rows, work);
}

/** One suite that needs neither a chain nor a setup, to see that the runner itself works there. */
const ONE_SUITE = "core";

/** @param again Starts a second time, and tries the test runner. */
async function oneVisit(
  { node, user }: Combination,
  work: string,
  allTests: boolean,
  again: boolean,
): Promise<Visit> {
  console.log(`node ${node}, ${user.name} ...`);
  const visit = await Visit.begin(node, user, work);
  if (!(await visit.step("npm ci", ["npm", "ci"], LIMITS.install, "online"))) return visit;
  await visit.step("npm start", ["npm", "start"], LIMITS.first, "offline");
  if (again) await visit.step("second npm start", ["npm", "start"], LIMITS.second, "offline");
  if (allTests) await visit.step("npm test", ["npm", "test"], LIMITS.test, "offline");
  else if (again) await visit.step("one suite", ["npm", "test", "--", ONE_SUITE], LIMITS.suite, "offline");
  await visit.checkClean();
  return visit;
}

async function row(visit: Visit): Promise<string[]> {
  const time = (what: string): string => {
    const seconds = visit.times.get(what);
    return seconds === undefined ? "-" : duration(seconds);
  };
  const steps = ["npm ci", "npm start", "second npm start", "npm test", "one suite"];
  const sizes = await Promise.all(["node_modules", "build"].map((folder) => visit.size(folder)));
  return [visit.name, ...steps.map(time), ...sizes.map((size) => `${size} MB`)];
}

function report(visits: readonly Visit[], rows: readonly string[][], work: string): number {
  console.log(["", ...table(rows, [1, 2, 3, 4, 5, 6, 7])].join("\n"));
  const failures = visits.flatMap((visit) => visit.failures);
  if (visits.some((visit) => !visit.networkCut)) {
    console.error(
      "\nWARNING: THE NETWORK WAS NOT CUT. This machine does not allow it (unshare), so that npm start needs",
    );
    console.error("nothing but loopback was NOT shown. Run as root, or allow unprivileged user namespaces.");
  }
  const late = visits.flatMap((visit) => visit.late);
  if (late.length > 0)
    console.error(["", "SLOWER THAN PROMISED", ...late.map((line) => `  ${line}`)].join("\n"));
  if (failures.length > 0) {
    console.error(
      ["", "Failed", ...failures.map(({ title }) => `  ${title}`), "", "Logs: build/newcomer/logs"].join(
        "\n",
      ),
    );
  } else rmSync(work, { recursive: true, force: true });
  const passed = visits.reduce((sum, visit) => sum + visit.passed, 0);
  console.log(`\n${totals([{ passed, failures, skips: [] }])}`);
  return failures.length === 0 ? 0 : 1;
}

try {
  const plan = readPlan(process.argv.slice(2));
  if (plan === undefined) console.log(HELP);
  else process.exitCode = await main(plan);
} catch (error) {
  if (!(error instanceof ProofXError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
