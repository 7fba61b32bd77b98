import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { WitnessCalculatorBuilder } from "circom_runtime";
import { type CompiledCircuit, compileCircuit } from "../../../src/setup/compile.ts";
import { ConstraintSystem, type Witness } from "./constraints.ts";
import { compileUnchecked } from "./unchecked.ts";

/** Values of input signals by name; arrays may nest. */
export type Inputs = Readonly<Record<string, unknown>>;

/** A compiled circuit under test. */
export interface Circuit {
  readonly system: ConstraintSystem;
  /** The witness of these inputs; throws where the generator asserts. */
  witness(inputs: Inputs): Promise<Witness>;
  /**
   * The witness that a generator without any check computes. It may break constraints: this is what a dishonest prover
   * starts from.
   */
  forge(inputs: Inputs): Promise<Witness>;
  /** The name of a wire's signal; one of them where the compiler made several equal. */
  name(wire: number): string;
  /** The wire of a signal, e.g. `main.context`; undefined when the compiler substituted it. */
  wire(signal: string): number | undefined;
}

/** Every own template, by the fixture that makes it a main component. */
export const TEMPLATES = [
  "assert_fits",
  "fit",
  "member",
  "bit_is_set",
  "fact_commitment",
  "policy_hash",
  "weighted_sum",
  "within_bounds",
  "facts_leaf",
  "facts_tree_root",
] as const;

/** The entry file of the main circuit (`compliance`) or of a template's fixture. */
export function sourceOf(name: string): string {
  const folder = name === "compliance" ? "../../../circuits" : "../fixtures";
  return fileURLToPath(new URL(`${folder}/${name}.circom`, import.meta.url));
}

/** Loads the main circuit or a template's fixture. Flags as for `compileCircuit`. */
export async function loadCircuit(name: string, flags?: readonly string[]): Promise<Circuit> {
  const source = sourceOf(name);
  const files = await compileCircuit(name, flags === undefined ? { source } : { source, flags });
  return await circuitOf(files, () => compileUnchecked(name, source).then(valuesByName));
}

/** Files of a compiled circuit; the generator is looked at when it is first used. */
export type Parts = Pick<CompiledCircuit, "r1cs" | "sym" | "wasm">;

/** Runs a generator of which every signal is a wire: the value of each, by name. */
export type Values = (inputs: Inputs) => Promise<ReadonlyMap<string, bigint>>;

/** @param unchecked Makes the generator for `forge`, the first time that it is wanted. */
export async function circuitOf(files: Parts, unchecked: () => Promise<Values>): Promise<Circuit> {
  const system = await ConstraintSystem.load(files.r1cs);
  const signals = await readSignals(files);
  const names = new Map([...signals].reverse().map(([signal, wire]) => [wire, signal]));
  let honest: ReturnType<typeof generatorOf> | undefined;
  let dishonest: Promise<Values> | undefined;
  return {
    system,
    async witness(inputs) {
      honest ??= generatorOf(files);
      const generator = await honest;
      return silently(() => generator.calculateWitness(inputs, true)).catch((refusal: unknown) => {
        // One that stopped half way is not used again.
        honest = undefined;
        throw refusal;
      });
    },
    async forge(inputs) {
      dishonest ??= unchecked();
      const values = await (await dishonest)(inputs);
      return Array.from({ length: system.wires }, (_, wire) =>
        wire === 0 ? 1n : values.get(names.get(wire) ?? ""),
      ).map((value, wire) => {
        if (value === undefined) throw new Error(`no value for ${names.get(wire)}`);
        return value;
      });
    },
    name: (wire) => names.get(wire) ?? `wire ${wire}`,
    wire: (signal) => signals.get(signal),
  };
}

async function generatorOf(files: Pick<Parts, "wasm">) {
  return WitnessCalculatorBuilder(await readFile(files.wasm));
}

/** @param files Of an unoptimised circuit. */
export async function valuesByName(files: Omit<Parts, "r1cs">): Promise<Values> {
  const generator = await generatorOf(files);
  const signals = await readSignals(files);
  return async (inputs) => {
    const witness = await generator.calculateWitness(inputs, false);
    return new Map([...signals].map(([signal, wire]) => [signal, witness[wire] ?? 0n]));
  };
}

/** Signals that are wires, by name: each line of the file is label, wire (-1: substituted), component, name. */
async function readSignals(files: Pick<Parts, "sym">): Promise<Map<string, number>> {
  const text = await readFile(files.sym, "utf8");
  const lines = text.split("\n").map((line) => line.split(","));
  return new Map(
    lines.map(([, wire, , name]) => [name ?? "", Number(wire)] as const).filter(([, wire]) => wire > 0),
  );
}

let quiet = 0;
const print = console.error;

/** The generator prints each refusal before it throws it; the throw is enough. Calls may overlap. */
async function silently<T>(work: () => Promise<T>): Promise<T> {
  quiet += 1;
  console.error = () => undefined;
  try {
    return await work();
  } finally {
    quiet -= 1;
    if (quiet === 0) console.error = print;
  }
}
