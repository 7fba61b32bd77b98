import { InputError } from "../core/errors.ts";

/** A type of Aleo's as the compiled program writes it. */
export type AleoType =
  | { readonly kind: "literal"; readonly name: string }
  | { readonly kind: "array"; readonly element: AleoType; readonly length: number }
  | { readonly kind: "struct"; readonly name: string; readonly members: readonly Member[] };

export interface Member {
  readonly name: string;
  readonly type: AleoType;
}

/** One input of a function. */
export interface FunctionInput extends Member {
  /** Private ones are encrypted to the caller; constant and public ones stand on the ledger. */
  readonly mode: "public" | "private" | "constant";
}

export interface FunctionSignature {
  readonly program: string;
  readonly name: string;
  readonly inputs: readonly FunctionInput[];
}

const LITERAL = /^(address|boolean|field|group|scalar|signature|[iu](?:8|16|32|64|128))$/;

/** Names of a compiled program's functions, in its order. */
export function functionNames(source: string): string[] {
  return [...source.matchAll(/^function (\w+):/gm)].map(([, name]) => name ?? "");
}

/**
 * What a function of a compiled program takes. The instructions are what the ledger runs, so they, and no description beside
 * them, say the types; they have lost the names, which come from the program's Leo text where it is at hand.
 *
 * @param source Aleo instructions. @param leo The Leo text that they were compiled from.
 * @throws InputError when there is no such function.
 */
export function signatureOf(source: string, name: string, leo?: string): FunctionSignature {
  const program = /^program ([\w.]+);/m.exec(source)?.[1] ?? "";
  const body = blockOf(source, "function", name);
  if (body === undefined) {
    throw InputError.expected(`function of ${program}`, functionNames(source).join(", "), name);
  }
  const names = leo === undefined ? [] : parameterNames(leo, name);
  const inputs = [...body.matchAll(/^\s+input r\d+ as (.+)\.(public|private|constant|record);$/gm)];
  return {
    program,
    name,
    inputs: inputs.map(([, type = "", mode], index) => ({
      name: names.length === inputs.length ? (names[index] ?? "") : `input${index + 1}`,
      type: typeOf(source, type),
      mode: modeOf(program, name, mode),
    })),
  };
}

/** A type as a reader knows it: `[field; 5]`, `{ accuracy_rate: u32, … }`. */
export function typeText(type: AleoType): string {
  if (type.kind === "literal") return type.name;
  if (type.kind === "array") return `[${typeText(type.element)}; ${type.length}]`;
  return `{ ${type.members.map((member) => `${member.name}: ${typeText(member.type)}`).join(", ")} }`;
}

/** Names of a function's parameters in a Leo text; none when it has no such function. */
function parameterNames(leo: string, name: string): string[] {
  const list = new RegExp(`\\bfn ${name}\\(([^)]*)\\)`).exec(leo.replace(/\/\/.*$/gm, ""))?.[1];
  return [...(list ?? "").matchAll(/(\w+)\s*:/g)].map(([, parameter]) => parameter ?? "");
}

function modeOf(program: string, name: string, mode: string | undefined): FunctionInput["mode"] {
  if (mode === "public" || mode === "private" || mode === "constant") return mode;
  throw new InputError(`${program}/${name} takes a record, which this command cannot give`);
}

function typeOf(source: string, text: string): AleoType {
  if (LITERAL.test(text)) return { kind: "literal", name: text };
  const [, element, length] = /^\[(.+); (\d+)u32\]$/.exec(text) ?? [];
  if (element !== undefined)
    return { kind: "array", element: typeOf(source, element), length: Number(length) };
  const body = blockOf(source, "struct", text);
  if (body === undefined) throw new InputError(`the type ${text} is not of this program`);
  const members = [...body.matchAll(/^\s+(\w+) as (.+);$/gm)];
  return {
    kind: "struct",
    name: text,
    members: members.map(([, name = "", type = ""]) => ({ name, type: typeOf(source, type) })),
  };
}

/** The indented lines after `KIND NAME:`. */
function blockOf(source: string, kind: string, name: string): string | undefined {
  if (!/^\w+$/.test(name)) return undefined;
  return new RegExp(`^${kind} ${name}:\\n((?:[ \\t]+.*\\n?)*)`, "m").exec(source)?.[1];
}
