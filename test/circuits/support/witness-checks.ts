import type { Circuit, Inputs } from "./circuit.ts";
import type { Witness } from "./constraints.ts";

/** Wires that may change alone without any constraint noticing, and why it does no harm. */
export const MAY_CHANGE: Readonly<
  Record<string, { readonly wires: readonly string[]; readonly why: string }>
> = {
  member: {
    wires: [3, 4, 5, 6, 7].map((i) => `main.set[${i}]`),
    why: "the product is zero from the member on; the rest of the set is bound by whoever hashes it (FactsTreeRoot)",
  },
};

/** Inputs that the compiler made one with an output. */
const SAME_WIRE: Readonly<Record<string, string>> = {
  "main.in[0]": "main.out[0]",
  "main.in[1]": "main.out[1]",
  "main.in[2]": "main.out[2]",
  "main.in[3]": "main.out[3]",
  "main.mask": "main.maskInRange",
  "main.index": "main.indexInRange",
};

/** Values a dishonest prover would try in place of an honest one. */
function otherValues(value: bigint, prime: bigint): bigint[] {
  const values = [
    0n,
    1n,
    2n,
    value + 1n,
    value - 1n,
    -value,
    2n * value,
    value + 2n ** 64n,
    prime - 1n,
    prime / 2n,
  ];
  return [...new Set(values.map((other) => ((other % prime) + prime) % prime))].filter(
    (other) => other !== value,
  );
}

/** Wires with another value that every constraint accepts. */
export function unnoticed({ system, name }: Circuit, witness: Witness): string[] {
  const wires = Array.from({ length: system.wires - 1 }, (_, i) => i + 1);
  const slips = wires.filter((wire) =>
    otherValues(witness[wire] ?? 0n, system.prime).some((value) => !system.notices(witness, wire, value)),
  );
  return slips.map(name);
}

/** Signal names of inputs: `main.amounts[0]`. */
function signalNames(path: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => signalNames(`${path}[${i}]`, item));
  return [path];
}

/** The wires of given inputs; without those of inputs that are in no constraint. */
export function inputWires({ wire }: Circuit, inputs: Inputs): number[] {
  return Object.entries(inputs)
    .flatMap(([name, value]) => signalNames(`main.${name}`, value))
    .map((name) => wire(name) ?? wire(SAME_WIRE[name] ?? ""))
    .filter((found) => found !== undefined);
}
