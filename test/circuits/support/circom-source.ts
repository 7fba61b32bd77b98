/** A template's signals by name, in the order of their declaration: the order in which an anonymous component takes them. */
export interface Interface {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Blanks comments. Lengths and lines stay: the compiler names anonymous components by their position. */
export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, blank);
}

/** Spaces in place of a text, its line breaks kept. */
export function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

/** A piece of code between `;`, `{` and `}`, without the space around it; braces of tags (`signal {maxbits} a`) part nothing. */
export interface Statement {
  readonly start: number;
  readonly text: string;
}

/** @param code Without comments. */
export function statementsOf(code: string): Statement[] {
  return [...code.matchAll(/(?:\{\s*\w+(?:\s*,\s*\w+)*\s*\}|[^;{}])+/g)]
    .map((match) => ({ start: match.index + match[0].search(/\S/), text: match[0].trim() }))
    .filter(({ text }) => text !== "");
}

/** The interface of every template in a file. @param code Without comments. */
export function interfacesOf(code: string): Map<string, Interface> {
  const heads = [...code.matchAll(/\btemplate\s+(\w+)\s*\(/g)];
  return new Map(
    heads.map((head, i) => {
      const body = code.slice(head.index, heads[i + 1]?.index ?? code.length);
      return [head[1] ?? "", { inputs: signalsOf(body, "input"), outputs: signalsOf(body, "output") }];
    }),
  );
}

function signalsOf(body: string, direction: "input" | "output"): string[] {
  const declared = new RegExp(String.raw`\bsignal\s+${direction}\s*(?:\{[^}]*\})?\s*(\w+)`, "g");
  return [...body.matchAll(declared)].map((match) => match[1] ?? "");
}

/** The template whose body a position is in. @param code Without comments. */
export function templateAt(code: string, position: number): string {
  return [...code.slice(0, position).matchAll(/\btemplate\s+(\w+)/g)].at(-1)?.[1] ?? "";
}

/**
 * Gives every anonymous component a name, so that each of its connections is a `<==` of its own, which can be weakened:
 * `T()(x)` becomes `component T0 = T(); T0.in <== x`. Lines stay.
 *
 * @param code Without comments.
 * @param left Start of a statement to leave out.
 * @throws Error for a form that the circuits do not use, rather than to pass over it.
 */
export function withNamedComponents(
  code: string,
  interfaces: ReadonlyMap<string, Interface>,
  left?: number,
): string {
  let named = 0;
  let result = "";
  let end = 0;
  for (const { start, text } of statementsOf(code)) {
    const anonymous = /^(?:([\s\S]*?)\s*<==\s*)?([A-Z]\w*\s*\([^()]*\))\s*\(([\s\S]*)\)$/.exec(text);
    if (anonymous === null) {
      if (/\)\s*\(/.test(text)) throw new Error(`cannot name the anonymous component in: ${text}`);
      continue;
    }
    const [, target, made = "", list = ""] = anonymous;
    const lines = "\n".repeat(text.split("\n").length - 1);
    const connected = connections(named, target, made, list, interfaces);
    result += code.slice(end, start) + (start === left ? "" : connected) + lines;
    // With its semicolon if it is left out: an empty statement does not compile.
    end = start + text.length + (start === left ? 1 : 0);
    named += 1;
  }
  return result + code.slice(end);
}

function connections(
  number: number,
  target: string | undefined,
  made: string,
  list: string,
  interfaces: ReadonlyMap<string, Interface>,
): string {
  const template = made.replace(/\s*\(.*/s, "");
  const name = `${template}${number}`;
  const signals = interfaces.get(template);
  const values = list.split(",").map((value) => value.trim());
  const simple = !/[[\]]|<==|\)\s*\(/.test(list);
  if (signals === undefined || signals.inputs.length !== values.length || !simple) {
    throw new Error(`cannot name the anonymous component ${made}(${list})`);
  }
  const inputs = signals.inputs.map((input, i) => `${name}.${input} <== ${values[i]}`);
  const [output] = signals.outputs;
  const outputs = target === undefined ? [] : [`${target} <== ${name}.${output}`];
  return [`component ${name} = ${made}`, ...inputs, ...outputs].join("; ");
}
