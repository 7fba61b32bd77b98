import { existsSync, globSync } from "node:fs";
import { join, relative } from "node:path";
import { ROOT } from "../checks/support/process.ts";
import { HARDHAT_CLI } from "../hardhat.ts";

/** One process of a suite; its counts come back in the file that RESULT_FILE names. */
export interface Part {
  /** Command after the Node binary. */
  readonly args: readonly string[];
}

export interface Suite {
  readonly name: string;
  readonly shows: string;
  /** Suites run side by side. Those that compile contracts or tell the story never meet; any other goes where one has ended. */
  readonly lane: "story" | "any";
  readonly parts: readonly Part[];
}

const MOCHA = "node_modules/mocha/bin/mocha.js";
const HARDHAT = relative(ROOT, HARDHAT_CLI);
export const REPORTER = "scripts/test/reporter.ts";

/**
 * Suites of this tree, each lane's in the order they run; one whose folders do not exist yet is not there. The short ones come last, to
 * fill what the long ones leave.
 */
export function allSuites(root: string = ROOT): Suite[] {
  const has = (path: string): boolean => existsSync(join(root, path));
  const suites: Suite[] = [
    {
      name: "check",
      shows: "style, types, lint, import directions, sizes",
      lane: "story",
      parts: [script("scripts/checks/main.ts")],
    },
    {
      name: "runbooks",
      shows: "every runbook does what it says, with its fault put in",
      lane: "story",
      // As an operator types it: `npx proofx runbook drill`.
      parts: has("docs/runbooks") ? [{ args: ["src/cli/main.ts", "runbook", "drill"] }] : [],
    },
    {
      name: "docs",
      shows: "every command the documentation shows",
      lane: "story",
      parts: [script("scripts/checks/docs.ts")],
    },
    mochaSuite("story", "the whole story with assertions", ["test/integration"].filter(has), "story"),
    {
      name: "contracts",
      shows: "behaviour trees, attacks, fuzz and invariants",
      lane: "any",
      parts: contractParts(root),
    },
    mochaSuite("log", "the log on both databases", ["test/sequencer"].filter(has)),
    mochaSuite("aleo", "Aleo's ledger, programs and client", ["test/aleo"].filter(has)),
    mochaSuite(
      "tasks",
      "Hardhat tasks and what they stand on",
      ["test/tasks", "test/chain", "test/ops"].filter(has),
    ),
    mochaSuite(
      "services",
      "services over HTTP and the proofx command",
      ["test/services", "test/cli"].filter(has),
    ),
    mochaSuite("checks", "the checks and runners themselves", ["test/checks"].filter(has)),
    mochaSuite("circuits", "the circuit, its templates one by one", ["test/circuits"].filter(has)),
    mochaSuite("setup", "phase 2, its verification, proving", ["test/setup", "test/compliance"].filter(has)),
    mochaSuite(
      "core",
      "the shared vocabulary and the keys' backends",
      ["test/core", "test/sdk", "test/keys"].filter(has),
    ),
  ];
  return suites.filter((suite) => suite.parts.length > 0);
}

function script(path: string): Part {
  return { args: [path] };
}

function mochaSuite(
  name: string,
  shows: string,
  folders: readonly string[],
  lane: Suite["lane"] = "any",
): Suite {
  const args = [
    MOCHA,
    "--reporter",
    REPORTER,
    ...forbidOnly(),
    ...folders.map((folder) => `${folder}/**/*.test.ts`),
  ];
  return { name, shows, lane, parts: folders.length === 0 ? [] : [{ args }] };
}

function contractParts(root: string): Part[] {
  const tests = (ending: string): string[] => globSync(`test/contracts/**/*${ending}`, { cwd: root }).sort();
  const mocha = tests(".test.ts");
  const parts: Part[] = [];
  // What is compiled is read by others meanwhile, and was compiled before.
  if (mocha.length > 0) parts.push({ args: [HARDHAT, "test", "mocha", "--no-compile", ...mocha] });
  if (tests(".t.sol").length > 0) parts.push({ args: ["scripts/test/solidity.ts", "--no-compile"] });
  return parts;
}

/** A forgotten `.only` would hide every other test; Hardhat's mocha gets the same from hardhat.config.ts. */
function forbidOnly(): string[] {
  return process.env.CI === undefined ? [] : ["--forbid-only"];
}
