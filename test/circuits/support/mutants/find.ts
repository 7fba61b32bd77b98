import {
  blank,
  type Interface,
  interfacesOf,
  statementsOf,
  templateAt,
  withNamedComponents,
  withoutComments,
} from "../circom-source.ts";

/** What is done to a constraint. */
export type Mutation = "removed" | "weakened" | "check removed";

/** One place of the circuits' sources and what becomes of it. */
export interface Mutant {
  /** Relative to the project's root. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** The line as it stands there, without the space and the comment around it. */
  readonly text: string;
  readonly template: string;
  readonly mutation: Mutation;
  /** The constraint: as it stands there, or what naming an anonymous component made of it. */
  readonly constraint: string;
  /**
   * The file's text with the mutation.
   *
   * @param drift Done to a hint's value, e.g. `+ 1` or `* 0`: what is constrained does not depend on it.
   */
  mutate(drift?: string): string;
}

/** The text of each file as its mutants have it but for the mutation: without comments, every component with a name. */
export function withoutMutation(sources: ReadonlyMap<string, string>): Map<string, string> {
  const { codes, interfaces } = parse(sources);
  return new Map(codes.map(([file, code]) => [file, withNamedComponents(code, interfaces)]));
}

/**
 * Every mutant of the given sources: each `===` removed, each `<==` or `==>` weakened to a hint, those that anonymous
 * components stand for among them, and each anonymous component that is nothing but a check removed as a whole.
 *
 * @param sources Text by path.
 */
export function findMutants(sources: ReadonlyMap<string, string>): Mutant[] {
  const { codes, interfaces } = parse(sources);
  return codes.flatMap(([file, code]) => [
    ...checksOf(file, code, interfaces),
    ...constraintsOf(file, code, interfaces),
  ]);
}

function parse(sources: ReadonlyMap<string, string>) {
  const codes = [...sources].map(([file, text]) => [file, withoutComments(text)] as const);
  return { codes, interfaces: new Map(codes.flatMap(([, code]) => [...interfacesOf(code)])) };
}

/** Components that are made, given their inputs and not looked at again. */
function checksOf(file: string, code: string, interfaces: ReadonlyMap<string, Interface>): Mutant[] {
  return statementsOf(code)
    .filter(({ text }) => /^[A-Z]\w*\s*\([^()]*\)\s*\(/.test(text))
    .map(({ start, text }) => ({
      ...placeOf(file, code, code, start),
      mutation: "check removed" as const,
      constraint: text,
      mutate: () => withNamedComponents(code, interfaces, start),
    }));
}

function constraintsOf(file: string, code: string, interfaces: ReadonlyMap<string, Interface>): Mutant[] {
  const named = withNamedComponents(code, interfaces);
  return statementsOf(named).flatMap(({ start, text }): Mutant[] => {
    const [operator, ...more] = text.match(/===|<==|==>/g) ?? [];
    if (operator === undefined) return [];
    if (more.length > 0) throw new Error(`${file}: two constraints in one statement: ${text}`);
    // With its semicolon: an empty statement does not compile.
    const replaced = (by: string): string =>
      named.slice(0, start) + by + named.slice(start + text.length + 1);
    return [
      {
        ...placeOf(file, code, named, start),
        mutation: operator === "===" ? "removed" : "weakened",
        constraint: text.replace(/\s+/g, " "),
        mutate: (drift) => replaced(operator === "===" ? blank(`${text};`) : `${weakened(text, drift)};`),
      },
    ];
  });
}

/** `a <== b` as `a <-- b`, or as `a <-- (b) + 1`. */
function weakened(statement: string, drift: string | undefined): string {
  const [left = "", right = ""] = statement.split(/<==|==>/);
  const forward = statement.includes("<==");
  const [target, value] = forward ? [left, right] : [right, left];
  return `${target} <-- ${drift === undefined ? value : `(${value}) ${drift}`}`;
}

function placeOf(file: string, original: string, code: string, start: number) {
  const line = code.slice(0, start).split("\n").length;
  const text = original.split("\n")[line - 1]?.trim() ?? "";
  return { file, line, text, template: templateAt(code, start) };
}
