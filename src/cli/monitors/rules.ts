import { InputError } from "../../core/errors.ts";
import { AREAS, ruleOf } from "../../ops/monitors/index.ts";
import { RESPONSE_SECONDS, type Rule, runbookOf, SEVERITIES, type Source } from "../../ops/monitors/rule.ts";
import { tellersOf } from "../../ops/render/targets.ts";
import type { CommandResult } from "../output.ts";

export interface ListOptions {
  readonly area?: string;
  readonly severity?: string;
}

/** All rules, or those of an area or a severity. */
export function listRules({ area, severity }: ListOptions): CommandResult {
  const areas = Object.entries(AREAS);
  if (area !== undefined && !Object.hasOwn(AREAS, area))
    throw InputError.expected("--area", `one of ${areas.map(([name]) => name).join(", ")}`, area);
  if (severity !== undefined && !SEVERITIES.some((each) => each === severity))
    throw InputError.expected("--severity", `one of ${SEVERITIES.join(", ")}`, severity);
  const rules = areas
    .filter(([name]) => area === undefined || name === area)
    .flatMap(([name, all]) => all.map((rule: Rule) => ({ ...rule, area: name, runbook: runbookOf(rule) })))
    .filter((rule) => severity === undefined || rule.severity === severity);
  const lines = rules.map(
    ({ id, severity: how, source, title }) =>
      `${how.padEnd(8)}  ${source.kind.padEnd(6)}  ${id.padEnd(24)}  ${title}`,
  );
  return { data: { rules }, lines: [...lines, `${rules.length} rules`] };
}

/** All that is known of one rule. */
export function explainRule(id: string): CommandResult {
  const rule = ruleOf(id);
  const within = RESPONSE_SECONDS[rule.severity];
  const toldBy = tellersOf(rule);
  const fields = {
    severity: `${rule.severity}; somebody acts within ${duration(within)}`,
    source: sourceText(rule.source),
    ends: endText(rule),
    runbook: runbookOf(rule),
    "told by": toldBy.join(", "),
    "asked by": rule.asked,
  };
  return {
    data: { ...rule, respondWithinSeconds: within, runbook: runbookOf(rule), toldBy },
    lines: [
      `${rule.id}: ${rule.title}`,
      ...Object.entries(fields).map(([name, text]) => `${name.padEnd(10)}${text}`),
    ],
  };
}

function sourceText(source: Source): string {
  if (source.kind === "state") return `the state that the probe ${source.probe} looks at`;
  if (source.kind === "log") return `events of the log of type ${source.eventTypes.join(", ")}`;
  if (source.kind === "aleo") return `calls of an Aleo program's ${source.functions.join(", ")}`;
  if (source.kind === "metric") {
    const lasting = source.for === "0s" ? "" : `, for ${source.for}`;
    return `${source.expression.replaceAll("\n", " ")}${lasting}`;
  }
  const conditions = (source.where ?? []).map(({ argument, is, value }) => `${argument} ${is} ${value}`);
  const where = conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
  return `${source.signature} of ${source.contracts.join(", ")}${where}`;
}

function endText(rule: Rule): string {
  const { resolves } = rule;
  if (resolves.by === "time") return `by itself after ${duration(resolves.seconds)}`;
  if (resolves.by === "hand") return handText(rule);
  const probe = resolves.probe === undefined ? "" : `, which the probe ${resolves.probe} looks at`;
  return `with the state itself${probe}`;
}

/** What the watcher tells is ended by its commands, which tell the pager; it hears nothing of what is ended there. */
function handText(rule: Rule): string {
  return tellersOf(rule).includes("watcher")
    ? "when somebody resolves it: npx proofx alerts resolve KEY"
    : "when somebody resolves it in the pager: the watcher knows nothing of it, and Alertmanager does not end it there";
}

/** The largest unit that leaves no rest. */
function duration(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
