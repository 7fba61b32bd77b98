import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ProofXError } from "../../core/errors.ts";
import { checkLicences } from "./licences.ts";
import { runProgram } from "./program.ts";
import { judgeSecrets, readAnswers, type SecretFinding, secretsInHistory, secretsInTree } from "./secrets.ts";

/** How one part of a scan ended; `not run` is no pass. */
export interface ScanPart {
  readonly name: string;
  readonly status: "clean" | "findings" | "not run";
  /** One line: what was looked at, or why nothing was. */
  readonly summary: string;
  readonly findings: readonly string[];
  /** What a person does about it. */
  readonly next?: string;
}

export interface ScanOptions {
  /** The checkout that is looked at. */
  readonly root: string;
  /** Also Slither, which takes minutes, and development dependencies. */
  readonly deep: boolean;
  /** Leaves the analysers out. */
  readonly quick?: boolean;
  readonly note?: (line: string) => void;
}

type Looked = Omit<ScanPart, "name">;

/** Looks at dependencies, secrets, licences and sources, one after the other. */
export async function scanSecurity({
  root,
  deep,
  quick = false,
  note = () => {},
}: ScanOptions): Promise<readonly ScanPart[]> {
  const parts: readonly (readonly [string, () => Promise<Looked>])[] = [
    ["dependencies", () => auditDependencies(root, deep)],
    ["secrets", () => lookForSecrets(root)],
    ["licences", async () => lookAtLicences(root)],
    ...(quick
      ? []
      : ([
          ["contracts (solhint)", () => check(root, "solidity")],
          ["circuits (circomspect)", () => check(root, "circuits")],
        ] as const)),
    ...(deep && !quick ? [["contracts (Slither)", () => slither(root)] as const] : []),
  ];
  const done: ScanPart[] = [];
  for (const [name, look] of parts) {
    note(`${name} …`);
    done.push({ name, ...(await attempt(look)) });
  }
  return done;
}

/** What something outside keeps from being looked at is said, and is no finding. */
async function attempt(look: () => Promise<Looked>): Promise<Looked> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof ProofXError)) throw error;
    return notRun(error.message, error.next);
  }
}

function notRun(summary: string, next?: string): Looked {
  return { status: "not run", summary, findings: [], ...(next === undefined ? {} : { next }) };
}

const auditReport = z.looseObject({
  vulnerabilities: z.record(
    z.string(),
    z.looseObject({ severity: z.string(), range: z.string().optional(), fixAvailable: z.unknown() }),
  ),
});

/** Known weaknesses of dependencies, as the registry knows them. */
async function auditDependencies(root: string, deep: boolean): Promise<Looked> {
  const scope = deep ? [] : ["--omit=dev"];
  const patience = ["--fetch-retries=0", "--fetch-timeout=20000"];
  const command = ["npm", "audit", "--json", ...scope, ...patience];
  const ran = await runProgram(command, { cwd: root, timeoutSeconds: 60 });
  const report = auditReport.safeParse(parsed(ran.output));
  if (!report.success)
    return notRun(
      "npm audit could not ask the registry: no network, or one that keeps no advisories",
      "npm audit, where the public registry can be reached",
    );
  const findings = Object.entries(report.data.vulnerabilities).map(
    ([name, { severity, range, fixAvailable }]) =>
      `${severity.padEnd(8)} ${name} ${range ?? ""}${fixAvailable === false ? ", no fix yet" : ""}`,
  );
  const what = deep ? "all dependencies" : "what ProofX runs on";
  return judged(findings, `npm audit of ${what}`, "npm audit fix --dry-run, then docs/dependencies.md");
}

async function lookForSecrets(root: string): Promise<Looked> {
  if (!existsSync(join(root, ".git"))) return notRun("this is no git checkout");
  const tree = await secretsInTree(root);
  const { commits, found } = await secretsInHistory(root);
  const { open, stale } = judgeSecrets([...tree, ...found], readAnswers(root));
  const findings = [
    ...distinct(open).map(
      ({ place, what, pattern, fingerprint }) => `${place}: ${what} (${pattern} ${fingerprint})`,
    ),
    ...stale.map(({ pattern, fingerprint }) => `answer ${pattern} ${fingerprint} is about nothing any more`),
  ];
  return judged(
    findings,
    `the tree and ${commits} commits`,
    "a real one: make it worthless where it is used, at once; anything else: answer it in config/known-secrets.json",
  );
}

/** One line for each secret, at its first place. */
function distinct(found: readonly SecretFinding[]): SecretFinding[] {
  const first = new Map<string, SecretFinding>();
  for (const each of found) {
    const key = `${each.pattern} ${each.fingerprint}`;
    if (!first.has(key)) first.set(key, each);
  }
  return [...first.values()];
}

function lookAtLicences(root: string): Looked {
  const { packages, findings } = checkLicences(root);
  const lines = findings.map(({ name, version, licence }) => `${name} ${version}: ${licence}`);
  return judged(
    lines,
    `${packages} packages of the lock file against GPL-3.0-only`,
    "take another package, or note its licence in src/ops/security/licences.ts with its reason",
  );
}

/** A step of `npm run check`. */
async function check(root: string, step: string): Promise<Looked> {
  const program = join(root, "scripts/checks/main.ts");
  if (!existsSync(program)) return notRun("the checks are not part of this installation");
  const ran = await runProgram([process.execPath, program, step], { cwd: root, timeoutSeconds: 300 });
  if (ran.code === -1) return notRun(`npm run check -- ${step} did not end`);
  const lines = ran.code === 0 ? [] : linesOf(`${ran.output}\n${ran.errors}`);
  return judged(lines, `npm run check -- ${step}`, `npm run check -- ${step}`);
}

async function slither(root: string): Promise<Looked> {
  const program = join(root, "scripts/checks/static-analysis.ts");
  if (!existsSync(program)) return notRun("the checks are not part of this installation");
  const ran = await runProgram([process.execPath, program, "--no-install"], {
    cwd: root,
    timeoutSeconds: 1_200,
  });
  const again = "npx node scripts/checks/static-analysis.ts";
  // A look installs nothing.
  if (/SKIPPED/.test(ran.errors)) return notRun("Slither is not installed", again);
  if (ran.code === -1) return notRun("Slither did not end", again);
  return judged(
    ran.code === 0 ? [] : linesOf(`${ran.output}\n${ran.errors}`),
    "Slither with data flow",
    again,
  );
}

function judged(findings: readonly string[], summary: string, next: string): Looked {
  return findings.length === 0
    ? { status: "clean", summary, findings }
    : { status: "findings", summary, findings, next };
}

const linesOf = (text: string): string[] => text.split("\n").filter((line) => line.trim() !== "");

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
