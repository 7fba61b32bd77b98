/** One comparison inside the braces of a selector. */
export interface Matcher {
  readonly label: string;
  readonly operator: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

/** What a PromQL expression reads: one metric by its name, or all whose names a regular expression matches. */
export interface Selector {
  readonly name: { readonly is: string } | { readonly matches: RegExp };
  readonly matchers: readonly Matcher[];
}

const TOKEN =
  /(?<space>\s+|#[^\n]*)|(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<word>[a-zA-Z_:][\w:]*)|(?<number>\d[\w.]*)|(?<operator>=~|!~|==|!=|>=|<=|[-+*/%^<>=(){}[\],:@])/y;

/** Words of the language that are no metric wherever they stand. */
const WORDS: ReadonlySet<string> = new Set(["and", "or", "unless", "offset", "bool", "inf", "nan"]);
/** After an aggregation's name, whose labels may come before its argument. */
const AGGREGATING: ReadonlySet<string> = new Set(["by", "without"]);
/** Words that a list of labels follows. */
const BEFORE_LABELS: ReadonlySet<string> = new Set([
  "by",
  "without",
  "on",
  "ignoring",
  "group_left",
  "group_right",
]);

interface Token {
  readonly kind: "string" | "word" | "number" | "operator";
  readonly text: string;
}

/**
 * The selectors of an expression, in order. It reads no more of the language than that: whether the expression is valid
 * is promtool's to say.
 *
 * @throws Error for a character that PromQL does not have, and for braces without a name.
 */
export function selectorsOf(expression: string): Selector[] {
  const tokens = tokensOf(expression);
  const found: Selector[] = [];
  for (let i = 0; i < tokens.length; ) {
    const { kind, text } = tokens[i] as Token;
    const next = tokens[i + 1]?.text;
    if (kind === "word" && BEFORE_LABELS.has(text)) i = next === "(" ? after(tokens, i + 1, ")") : i + 1;
    else if (text === "[") i = after(tokens, i, "]");
    else if (text === "{") {
      const end = after(tokens, i, "}");
      found.push(selectorOf(undefined, tokens.slice(i + 1, end - 1), expression));
      i = end;
    } else if (
      kind === "word" &&
      next !== "(" &&
      !AGGREGATING.has(next ?? "") &&
      !WORDS.has(text.toLowerCase())
    ) {
      const end = next === "{" ? after(tokens, i + 1, "}") : i + 1;
      found.push(selectorOf(text, next === "{" ? tokens.slice(i + 2, end - 1) : [], expression));
      i = end;
    } else i++;
  }
  return found;
}

function tokensOf(expression: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.length) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(expression)?.groups;
    if (groups === undefined)
      throw new Error(`no PromQL from character ${at + 1} on: ${expression.slice(at)}`);
    const [kind, text] = Object.entries(groups).find(([, value]) => value !== undefined) ?? ["space", ""];
    if (kind !== "space") tokens.push({ kind: kind as Token["kind"], text });
  }
  return tokens;
}

/** Index after the closing bracket that follows. */
function after(tokens: readonly Token[], from: number, closing: string): number {
  const end = tokens.findIndex(({ text }, i) => i > from && text === closing);
  return end === -1 ? tokens.length : end + 1;
}

function selectorOf(name: string | undefined, inside: readonly Token[], expression: string): Selector {
  const all: Matcher[] = [];
  for (let i = 0; i + 2 < inside.length; i += 4) {
    const [label, operator, value] = inside.slice(i, i + 3) as [Token, Token, Token];
    all.push({
      label: label.text,
      operator: operator.text as Matcher["operator"],
      value: unquoted(value.text),
    });
  }
  const matchers = all.filter(({ label }) => label !== "__name__");
  if (name !== undefined) return { name: { is: name }, matchers };
  const named = all.find(({ label }) => label === "__name__");
  if (named === undefined) throw new Error(`braces without a metric's name: ${expression}`);
  // Prometheus anchors at both ends.
  return {
    name: named.operator === "=" ? { is: named.value } : { matches: new RegExp(`^(?:${named.value})$`) },
    matchers,
  };
}

function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll(/\\(.)/g, "$1");
}
