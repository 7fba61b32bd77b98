import { InputError } from "../../core/errors.ts";
import { SEVERITIES, type Severity } from "../monitors/rule.ts";
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

const DEFAULT_TIMEOUT_SECONDS = 120;
const FENCE = /^```\s*([\w-]*)\s*(.*)$/;

/** @throws InputError with page and line for whatever is not of the form that docs/runbooks/README.md describes. */
export function parseRunbook(name: string, text: string): Runbook {
  const file = `docs/runbooks/${name}.md`;
  const { fields, body, bodyLine } = readFrontMatter(file, text);
  const kind = kindOf(file, name, fields);
  const severity = severityOf(file, fields.severity, kind);
  const reader = new PageReader(file, bodyLine);
  for (const line of body) reader.read(line);
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

/** Takes a page's lines one by one. */
class PageReader {
  readonly #file: string;
  #line: number;
  #title = "";
  #section = "";
  readonly #sections: string[] = [];
  readonly #steps: RunbookStep[] = [];
  #prose: string[] = [];
  #fence: { language: string; info: string; line: number; lines: string[] } | undefined;
  /** Only the block right after a step is its output. */
  #follows = false;

  constructor(file: string, firstLine: number) {
    this.#file = file;
    this.#line = firstLine - 1;
  }

  read(line: string): void {
    this.#line++;
    const fence = FENCE.exec(line);
    if (this.#fence !== undefined) {
      if (fence === null) this.#fence.lines.push(line);
      else this.#close();
    } else if (fence !== null) {
      this.#fence = { language: fence[1] ?? "", info: fence[2] ?? "", line: this.#line, lines: [] };
    } else this.#readProse(line);
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

  #close(): void {
    const block = this.#fence;
    this.#fence = undefined;
    if (block?.language === "sh") this.#addStep(block);
    else if (block?.language === "text" && this.#follows) {
      const step = this.#steps.pop();
      if (step !== undefined) this.#steps.push({ ...step, expected: block.lines.join("\n") });
      this.#follows = false;
    } else if (block !== undefined && ["bash", "shell", "console"].includes(block.language)) {
      throw InputError.expected(`${this.#file}:${block.line}`, "`sh`, so that it is run", block.language);
    }
  }

  #addStep({ info, line, lines }: { info: string; line: number; lines: string[] }): void {
    const { exit = 0, timeout = DEFAULT_TIMEOUT_SECONDS, noRun } = readInfo(`${this.#file}:${line}`, info);
    const prose = this.#prose.join("\n").trim().split("\n\n").at(-1) ?? "";
    this.#steps.push({
      number: this.#steps.length + 1,
      line,
      section: this.#section,
      says: prose.replaceAll("\n", " "),
      script: lines.join("\n"),
      changes: !LOOKING.includes(this.#section),
      exitCode: exit,
      timeoutSeconds: timeout,
      ...(noRun === undefined ? {} : { noRun }),
    });
    this.#prose = [];
    this.#follows = true;
  }

  end(): { title: string; sections: readonly string[]; steps: readonly RunbookStep[] } {
    if (this.#fence !== undefined) {
      throw InputError.expected(`${this.#file}:${this.#fence.line}`, "a fence that is closed", "none");
    }
    return { title: this.#title, sections: this.#sections, steps: this.#steps };
  }
}

/** `exit=1 timeout=60`, `no-run=REASON` to the line's end. */
function readInfo(place: string, info: string): { exit?: number; timeout?: number; noRun?: string } {
  const [, before = "", reason] = /^(.*?)(?:no-run=(.+))?$/.exec(info) ?? [];
  const found: { exit?: number; timeout?: number; noRun?: string } =
    reason === undefined ? {} : { noRun: reason.replace(/^"(.*)"$/, "$1") };
  for (const word of before.split(/\s+/).filter((each) => each !== "")) {
    const [, name, value] = /^(exit|timeout)=(\d+)$/.exec(word) ?? [];
    if (name === "exit") found.exit = Number(value);
    else if (name === "timeout") found.timeout = Number(value);
    else throw InputError.expected(place, "exit=N, timeout=SECONDS or no-run=REASON", word);
  }
  return found;
}
