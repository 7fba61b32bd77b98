import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Answer, findCircuitFaults } from "./circuits.ts";
import { findBreaches } from "./directions.ts";
import { findLeoFaults } from "./leo.ts";
import { findForbidden, machineNames } from "./names.ts";
import { findRunbookFaults } from "./runbook-pages.ts";
import { findOversized } from "./sizes.ts";
import { ROOT, run } from "./support/process.ts";
import { type Fault, faultLine, repositoryFiles } from "./support/sources.ts";

/** One check of the tree; it changes nothing and remembers nothing. */
export interface Step {
  readonly name: string;
  readonly shows: string;
  /** What a person does about a failure. */
  readonly remedy: string;
  /** What is wrong, as text for the terminal; empty when nothing is. */
  run(): Promise<string>;
}

const bin = (name: string): string => join(ROOT, "node_modules/.bin", name);

export const STEPS: readonly Step[] = [
  {
    name: "style",
    shows: "formatting and lint of TypeScript and JSON (Biome)",
    remedy: "npm run fix, then correct by hand what it leaves",
    run: () => commands([bin("biome"), "check", "--error-on-warnings", "--max-diagnostics=50", "."]),
  },
  {
    name: "types",
    shows: "TypeScript types, with the contracts' generated ones",
    remedy: "correct the type; when build/types is meant, npx hardhat build --no-tests makes it",
    run: () => commands([bin("hardhat"), "build", "--no-tests"], [bin("tsc"), "--noEmit"]),
  },
  {
    name: "solidity",
    shows: "lint of the contracts (solhint)",
    remedy: "correct the contract, or disable one rule on one line with its reason beside it",
    run: () => lintContracts(),
  },
  {
    name: "circuits",
    shows: "static analysis of the circuits (circomspect)",
    remedy:
      "constrain the signal, discard it on purpose with `_ <== x`, or answer it in circuits/circomspect.json",
    run: () => lintCircuits(),
  },
  {
    name: "leo",
    shows: "the Aleo programs' committed builds are of their sources",
    remedy: "LEO=/path/to/leo node scripts/aleo/build.ts, and commit leo/*/build",
    run: () => compareLeoBuilds(),
  },
  {
    name: "directions",
    shows: "who imports whom (scripts/checks/rooms.ts)",
    remedy: "move the code to the room it belongs in, or pass it in through a port in src/core",
    run: async () => faults(findBreaches(ROOT, await repositoryFiles(ROOT))),
  },
  {
    name: "monitors",
    shows:
      "what rules of alerts name exists: events, probes, metrics, pages; what is made from them is in infra/monitoring",
    remedy:
      "correct src/ops/monitors/rules, or add what they name; npx proofx monitors render --out infra/monitoring",
    run: async () => {
      // It loads contracts' artifacts and every service's metrics.
      const { findMonitorFaults, findStaleRenderings } = await import("./monitors/rules.ts");
      return faults([
        ...findMonitorFaults(await repositoryFiles(ROOT)),
        ...(await findStaleRenderings(ROOT)),
      ]);
    },
  },
  {
    name: "runbooks",
    shows: "a page for every rule, a rule or an operation for every page",
    remedy: "write the page (docs/runbooks/README.md), or correct what it says of itself",
    run: async () => faults(findRunbookFaults()),
  },
  {
    name: "commands",
    shows: "every command of ours that a page names, run or not, exists with its options",
    remedy: "correct the command on the page; --help of the command in front of it has what there is",
    run: async () => {
      // It loads every command's declaration.
      const { findCommandFaults } = await import("./page-commands.ts");
      return faults(await findCommandFaults());
    },
  },
  {
    name: "coverage",
    shows:
      "every command of the manuals is mapped to one of ours that exists, or says why not; docs/coverage.md",
    remedy: "correct docs/coverage.toml, then node scripts/checks/coverage.ts --write",
    run: async () => {
      // It loads every command's declaration.
      const { findCoverageFaults } = await import("./coverage.ts");
      return faults(await findCoverageFaults());
    },
  },
  {
    name: "sizes",
    shows: "no file over 400 lines, no TypeScript function over 60",
    remedy: "split it; an exception goes into scripts/checks/sizes.ts with its reason",
    run: async () => faults(findOversized(ROOT, await repositoryFiles(ROOT))),
  },
  {
    name: "names",
    shows: "nothing names the machine it was written on",
    remedy: "use a relative path, or a folder from node:os",
    run: async () => faults(findForbidden(ROOT, await repositoryFiles(ROOT), machineNames(ROOT))),
  },
];

function faults(found: readonly Fault[]): string {
  return found.map(faultLine).join("\n");
}

/** Output of the first command that fails. */
async function commands(...list: readonly (readonly string[])[]): Promise<string> {
  for (const command of list) {
    const ran = await run(command, { timeoutSeconds: 600 });
    if (ran.code !== 0) return ran.output.trim() || `${command.join(" ")} ended with ${ran.code}`;
  }
  return "";
}

async function filesIn(folder: string, ending: string): Promise<string[]> {
  const files = await repositoryFiles(ROOT);
  return files.filter((file) => file.startsWith(folder) && file.endsWith(ending));
}

async function lintContracts(): Promise<string> {
  const contracts = await filesIn("contracts/", ".sol");
  if (contracts.length === 0) return "";
  // Without --disc it asks the network for a newer version of itself.
  return commands([bin("solhint"), "--disc", "--noPoster", "--max-warnings", "0", ...contracts]);
}

async function lintCircuits(): Promise<string> {
  const circuits = await filesIn("circuits/", ".circom");
  const answers = JSON.parse(await readFile(join(ROOT, "circuits/circomspect.json"), "utf8")) as Answer[];
  return faults(await findCircuitFaults(ROOT, circuits, answers));
}

async function compareLeoBuilds(): Promise<string> {
  const { how, faults: found } = await findLeoFaults(join(ROOT, "leo"));
  console.log(`        leo: ${how}`);
  return faults(found);
}
