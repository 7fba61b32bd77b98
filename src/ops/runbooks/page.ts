import { InputError } from "../../core/errors.ts";
import { SEVERITIES, type Severity } from "../monitors/rule.ts";
import { type Fence, isFence, type Part, readAttributes, readParts, timeoutOf } from "./fences.ts";
import { readFrontMatter } from "./front-matter.ts";

/** Sections of a page in their order: what an alert's page has, and what an operation's has. */
export const SECTIONS = {
  rule: ["Meaning", "Impact", "Diagnosis", "Mitigation"],
  operation: ["Purpose", "Impact", "Steps", "Check"],
} as const;
/** Their steps only look. */
const LOOKING: readonly string[] = ["Diagnosis", "Check"];

/** One `sh` block of a page. */
export interface RunbookStep {
  /** From 1, in the page's order. */
  readonly number: number;
  /** Line of the fence, from 1. */
  readonly line: number;
  readonly section: string;
  /** The prose before it, as one line. */
  readonly says: string;
  readonly script: string;
  /** Whether it may change something. */
  readonly changes: boolean;
  /** What a right ending is; a diagnosis that finds something ends with 1. */
  readonly exitCode: number;
  readonly timeoutSeconds: number;
  /** The `text` block after it: lines of its output in their order, `…` standing for anything. */
  readonly expected?: string;
  /** Why the rehearsal leaves it out. */
  readonly noRun?: string;
  /** A program of the rehearsing machine, e.g. `aleo-devnode`; where it is missing, the rehearsal skips the step. */
  readonly needs?: string;
}

/** A page of `docs/runbooks`. */
export interface Runbook {
  /** The file's name without `.md`: the rule's id, or the operation's name. */
  readonly name: string;
  readonly kind: "rule" | "operation";
  readonly title: string;
  readonly severity?: Severity;
  /** Sentences of the seeds that ask for it. */
  readonly seed: string;
  /** How long it may take. */
  readonly targetSeconds: number;
  /** What is done to the stage before a rehearsal: a module of `scripts/checks/faults`. */
  readonly fault?: string;
  /** Why nothing is. */
  readonly noFault?: string;
  /** Variables that the alert names, or whoever begins an operation. */
  readonly inputs: readonly string[];
  readonly steps: readonly RunbookStep[];
  readonly text: string;
}

const ATTRIBUTES = ["exit", "timeout", "needs", "no-run"] as const;

/** @throws InputError with page and line for whatever is not of the form that docs/runbooks/README.md describes. */
export function parseRunbook(name: string, text: string): Runbook {
  const file = `docs/runbooks/${name}.md`;
  const { fields, body, bodyLine } = readFrontMatter(file, text);
  const kind = kindOf(file, name, fields);
  const severity = severityOf(file, fields.severity, kind);
  const reader = new PageReader(file);
  for (const part of readParts(file, body.join("\n"), bodyLine)) reader.read(part);
  const { title, sections, steps } = reader.end();
  const wanted = SECTIONS[kind];
  if (sections.join() !== wanted.join()) {
    throw InputError.expected(`${file} sections`, wanted.join(", "), sections.join(", "));
  }
  if ((fields.fault === undefined) === (fields["no-fault"] === undefined) && kind === "rule") {
    throw InputError.expected(file, "either fault or no-fault with its reason", "both or neither");
  }
  return {
    name,
    kind,
    title,
    ...(severity === undefined ? {} : { severity }),
    seed: fields.seed ?? "",
    targetSeconds: secondsOf(file, fields.target),
    ...(fields.fault === undefined ? {} : { fault: fields.fault }),
    ...(fields["no-fault"] === undefined ? {} : { noFault: fields["no-fault"] }),
    inputs: (fields.inputs ?? "").split(/\s+/).filter((input) => input !== ""),
    steps,
    text,
  };
}

function kindOf(file: string, name: string, fields: Readonly<Record<string, string>>): "rule" | "operation" {
  const { rule, operation } = fields;
  if (rule === name && operation === undefined) return "rule";
  if (operation === name && rule === undefined) return "operation";
  throw InputError.expected(file, `"rule: ${name}" or "operation: ${name}"`, rule ?? operation);
}

function severityOf(file: string, text: string | undefined, kind: string): Severity | undefined {
  const severity = SEVERITIES.find((each) => each === text);
  if (severity === undefined && (kind === "rule" || text !== undefined)) {
    throw InputError.expected(`${file} severity`, SEVERITIES.join(", "), text);
  }
  return severity;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600, d: 86_400 };

function secondsOf(file: string, text: string | undefined): number {
  const [, count, unit] = /^(\d+) (s|min|h|d)$/.exec(text ?? "") ?? [];
  if (count === undefined || unit === undefined) {
    throw InputError.expected(`${file} target`, 'a time like "15 min"', text);
  }
  return Number(count) * (UNITS[unit] ?? 0);
}

/** Takes a page's parts one by one. */
class PageReader {
  readonly #file: string;
  #title = "";
  #section = "";
  readonly #sections: string[] = [];
  readonly #steps: RunbookStep[] = [];
  #prose: string[] = [];
  /** Only the block right after a step is its output. */
  #follows = false;

  constructor(file: string) {
    this.#file = file;
  }

  read(part: Part): void {
    if (!isFence(part)) this.#readProse(part.text);
    else if (part.language === "sh") this.#addStep(part);
    else if (part.language === "text" && this.#follows) {
      const step = this.#steps.pop();
      if (step !== undefined) this.#steps.push({ ...step, expected: part.content });
      this.#follows = false;
    }
  }

  #readProse(line: string): void {
    if (line.startsWith("# ")) this.#title = line.slice(2);
    else if (line.startsWith("## ")) {
      this.#section = line.slice(3);
      this.#sections.push(this.#section);
      this.#prose = [];
    } else if (line.trim() === "") {
      if (this.#prose.at(-1) !== "") this.#prose.push("");
    } else {
      this.#prose.push(line.trim());
      this.#follows = false;
    }
  }

  #addStep({ info, line, content }: Fence): void {
    const place = `${this.#file}:${line}`;
    const { exit = "0", timeout, needs, "no-run": noRun } = readAttributes(place, info, ATTRIBUTES);
    if (!/^\d+$/.test(exit)) throw InputError.expected(`${place} exit`, "an exit code", exit);
    const prose = this.#prose.join("\n").trim().split("\n\n").at(-1) ?? "";
    this.#steps.push({
      number: this.#steps.length + 1,
      line,
      section: this.#section,
      says: prose.replaceAll("\n", " "),
      script: content,
      changes: !LOOKING.includes(this.#section),
      exitCode: Number(exit),
      timeoutSeconds: timeoutOf(place, timeout),
      ...(noRun === undefined ? {} : { noRun }),
      ...(needs === undefined ? {} : { needs }),
    });
    this.#prose = [];
    this.#follows = true;
  }

  end(): { title: string; sections: readonly string[]; steps: readonly RunbookStep[] } {
    return { title: this.#title, sections: this.#sections, steps: this.#steps };
  }
}
