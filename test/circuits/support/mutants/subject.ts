import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { copyVariant, foldersOf, type Variant } from "../../../../scripts/planted/variant.ts";
import {
  type Circuit,
  circuitOf,
  type Inputs,
  type Parts,
  sourceOf,
  type Values,
  valuesByName,
} from "../circuit.ts";
import { withoutChecks } from "../unchecked.ts";
import { inputWires, unnoticed } from "../witness-checks.ts";
import type { Compilers } from "./compiler.ts";
import type { Mutant } from "./find.ts";
import { DEPTH, FALSE_STATEMENTS, type SubjectName, TRUE_STATEMENTS } from "./statements.ts";

/** What mutants of one template have in common: the main circuit, or the fixture that makes the template a main component. */
export interface Subject {
  readonly name: SubjectName;
  readonly compilers: Compilers;
  /** Text of every own file, as its mutants have it but for the mutation. */
  readonly texts: ReadonlyMap<string, string>;
  /** What a generator without checks computes from inputs, whichever the mutation: weakening changes no value. */
  readonly values: Values;
  /** What the sound circuit lets through by the checks that its mutants are judged by. */
  readonly slack: Slack;
}

/** Wires, by name, that may change although the circuit is sound. */
interface Slack {
  readonly alone: readonly string[];
  readonly together: readonly string[];
  /** How many inputs are in a constraint. */
  readonly inputs: number;
}

/** Short linear constraints, as the linearised check wants them; what they say is the same as with `--O2`. */
const CONSTRAINTS = ["--O1", "--r1cs", "--sym"];

let count = 0;

export function subjectOf({ template }: Mutant): SubjectName {
  return template.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase() as SubjectName;
}

/**
 * Prepares a subject.
 *
 * @throws Error when the sound circuit itself is not judged to be sound, as no verdict would mean anything.
 */
export async function loadSubject(
  name: SubjectName,
  texts: ReadonlyMap<string, string>,
  compilers: Compilers,
): Promise<Subject> {
  const sound = (text: string, path: string): string => texts.get(path) ?? text;
  const unchecked: Variant["change"] = (text, path) => withoutChecks(sound(text, path));
  const making = { name, compilers };
  const values = await withVariant(making, unchecked, ["--O0", "--sym", "--wasm"], valuesByName);
  const known = new Map<Inputs, ReturnType<Values>>();
  const remembered: Values = (inputs) => {
    const found = known.get(inputs) ?? values(inputs);
    known.set(inputs, found);
    return found;
  };
  const slack = await withVariant(making, sound, CONSTRAINTS, async (files) =>
    slackOf(name, await circuitOf(files, async () => remembered)),
  );
  return { ...making, texts, values: remembered, slack };
}

/**
 * Compiles a subject with one file changed, and removes what was made once it was looked at.
 *
 * @param parts `constraints` alone takes half the time; the circuit then has no `witness`.
 * @throws CheckError with the compiler's words.
 */
export async function withMutant<T>(
  { name, compilers, texts, values }: Subject,
  { file, text }: { readonly file: string; readonly text: string },
  parts: "constraints" | "generator too",
  look: (circuit: Circuit) => Promise<T>,
): Promise<T> {
  const change: Variant["change"] = (original, path) =>
    path === file ? text : (texts.get(path) ?? original);
  const flags = parts === "constraints" ? CONSTRAINTS : [...CONSTRAINTS, "--wasm"];
  return await withVariant({ name, compilers }, change, flags, async (files) =>
    look(await circuitOf(files, async () => values)),
  );
}

async function slackOf(name: SubjectName, circuit: Circuit): Promise<Slack> {
  for (const [what, inputs] of Object.entries(FALSE_STATEMENTS[name])) {
    if (circuit.system.accepts(await circuit.forge(inputs))) throw new Error(`${name} accepts: ${what}`);
  }
  const inputs = TRUE_STATEMENTS[name];
  const witness = await circuit.forge(inputs);
  const held = inputWires(circuit, inputs);
  return {
    alone: unnoticed(circuit, witness),
    together: circuit.system.freeWires(witness, held).map(circuit.name),
    inputs: held.length,
  };
}

async function withVariant<T>(
  subject: Pick<Subject, "name" | "compilers">,
  change: Variant["change"],
  flags: readonly string[],
  look: (files: Parts) => Promise<T>,
): Promise<T> {
  count += 1;
  const name = `mutant-${process.pid}-${count}`;
  try {
    const source = await copyVariant({
      name,
      source: sourceOf(subject.name),
      change: (text, path) => change(text, path).replace("= Compliance(6);", `= Compliance(${DEPTH});`),
    });
    return await look(await compileParts(subject.compilers, source, flags));
  } finally {
    for (const folder of foldersOf(name)) await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the compiler beside the source, whatever it makes: `compileCircuit` always makes everything. */
async function compileParts(compilers: Compilers, source: string, flags: readonly string[]): Promise<Parts> {
  const folder = dirname(source);
  await compilers.compile([...flags, "-o", folder, source]);
  const base = basename(source, ".circom");
  const made = (extension: string): string => join(folder, `${base}.${extension}`);
  return { r1cs: made("r1cs"), sym: made("sym"), wasm: join(folder, `${base}_js`, `${base}.wasm`) };
}
