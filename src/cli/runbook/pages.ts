import { type Runbook, readRunbook, readRunbooks } from "../../ops/runbooks/index.ts";
import type { CommandResult } from "../output.ts";

/** `1800` -> `30 min`; days from two on. */
export function timeText(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** All pages, rules before operations. */
export function listPages(): CommandResult {
  const pages = readRunbooks().sort((a, b) => b.kind.localeCompare(a.kind) || a.name.localeCompare(b.name));
  const width = Math.max(...pages.map(({ name }) => name.length));
  return {
    data: { runbooks: pages.map(summaryOf) },
    lines: pages.map(
      ({ name, kind, severity, targetSeconds, title }) =>
        `${name.padEnd(width)}  ${(severity ?? kind).padEnd(9)}  ${timeText(targetSeconds).padStart(7)}  ${title}`,
    ),
  };
}

function summaryOf(page: Runbook) {
  const { name, kind, title, severity, targetSeconds, seed, inputs, fault, noFault } = page;
  return {
    name,
    kind,
    title,
    severity,
    targetSeconds,
    seed,
    inputs,
    fault,
    noFault,
    steps: page.steps.length,
  };
}

/** One page as a person reads it: without its front matter, its steps numbered. */
export function showPage(name: string): CommandResult {
  const page = readRunbook(name);
  const lines = page.text.split("\n");
  for (const { number, line } of [...page.steps].reverse()) {
    lines.splice(line - 1, 0, `Step ${number}:`);
  }
  const body = lines.slice(lines.indexOf("---", 1) + 1).join("\n");
  const inputs = page.inputs.length === 0 ? [] : [`Wants: ${page.inputs.join(", ")}`];
  return {
    data: { ...summaryOf(page), steps: page.steps },
    lines: [
      `${page.severity ?? page.kind}, within ${timeText(page.targetSeconds)}`,
      ...inputs,
      body.trimEnd(),
    ],
  };
}
