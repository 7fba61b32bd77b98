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
but loopback, for each Node version and user; then a first start interrupted by Ctrl-C and by kill -9.

  --nodes 20,22      Node versions, of ${Object.keys(NODE_VERSIONS).join(", ")}
  --users root,user  root can be both, anybody else is only user
  --start-only       without the interruptions
  --with-test        npm test, too, in every clone (up to 10 minutes each)
  --interrupt-after  seconds into the first start (default 8)
  --help             this text`;

interface Plan {
  readonly nodes: readonly string[];
  readonly users: readonly User[];
  readonly interrupt: boolean;
  readonly test: boolean;
  readonly afterSeconds: number;
}

function readPlan(args: string[]): Plan | undefined {
  const { values } = parseArgs({
    args,
    options: {
      nodes: { type: "string", default: Object.keys(NODE_VERSIONS).join(",") },
      users: { type: "string" },
      "start-only": { type: "boolean", default: false },
      "with-test": { type: "boolean", default: false },
      "interrupt-after": { type: "string", default: "8" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const possible = users();
  const names = values.users?.split(",") ?? possible.map((user) => user.name);
  return {
    nodes: choose("--nodes", values.nodes.split(","), Object.keys(NODE_VERSIONS)),
    users: choose(
      "--users",
      names,
      possible.map((user) => user.name),
    ).flatMap((name) => possible.filter((user) => user.name === name)),
    interrupt: !values["start-only"],
    test: values["with-test"],
    afterSeconds: Number(values["interrupt-after"]),
  };
}

function choose(option: string, names: readonly string[], possible: readonly string[]): readonly string[] {
  const unknown = names.find((name) => !possible.includes(name));
  if (unknown !== undefined) throw InputError.expected(option, possible.join(","), unknown);
  return names;
}

async function main(plan: Plan): Promise<number> {
  const work = workFolder();
  rmSync(join(ROOT, "build/newcomer/logs"), { recursive: true, force: true });
  const visits: Visit[] = [];
  const rows: string[][] = [
    ["newcomer", "npm ci", "npm start", "second", "npm test", "node_modules", "build"],
  ];
  for (const user of plan.users) {
    for (const node of plan.nodes) {
      const visit = await oneVisit(node, user, work, plan, node === plan.nodes[0]);
      visits.push(visit);
      rows.push(await row(visit));
      visit.end();
    }
  }
  // The last user is the ordinary one; Node 20 is the most likely to stumble.
  const [node] = plan.nodes;
  const user = plan.users.at(-1);
  if (plan.interrupt && node !== undefined && user !== undefined) {
    const visit = await interruptedStart(node, user, work, plan.afterSeconds);
    visits.push(visit);
    visit.end();
  }
  return report(visits, rows, work);
}

async function oneVisit(node: string, user: User, work: string, plan: Plan, again: boolean): Promise<Visit> {
  console.log(`node ${node}, ${user.name} ...`);
  const visit = await Visit.begin(node, user, work);
  if (!(await visit.step("npm ci", ["npm", "ci"], LIMITS.install, "online"))) return visit;
  await visit.step("npm start", ["npm", "start"], LIMITS.first, "offline");
  if (again) await visit.step("second npm start", ["npm", "start"], LIMITS.second, "offline");
  if (plan.test) await visit.step("npm test", ["npm", "test"], LIMITS.test, "offline");
  await visit.checkClean();
  return visit;
}

async function row(visit: Visit): Promise<string[]> {
  const time = (what: string): string => {
    const seconds = visit.times.get(what);
    return seconds === undefined ? "-" : duration(seconds);
  };
  const steps = ["npm ci", "npm start", "second npm start", "npm test"];
  const sizes = await Promise.all(["node_modules", "build"].map((folder) => visit.size(folder)));
  return [visit.name, ...steps.map(time), ...sizes.map((size) => `${size} MB`)];
}

function report(visits: readonly Visit[], rows: readonly string[][], work: string): number {
  console.log(["", ...table(rows, [1, 2, 3, 4, 5, 6])].join("\n"));
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
