import { readR1cs } from "r1csfile";
import { pivotColumns } from "./elimination.ts";

type Terms = readonly (readonly [wire: number, coefficient: bigint])[];

/** `a * b = c`, each a linear combination of wires. */
interface Constraint {
  readonly a: Terms;
  readonly b: Terms;
  readonly c: Terms;
}

/** All wires of a circuit; wire 0 is the constant 1. */
export type Witness = readonly bigint[];

/**
 * A compiled circuit's constraints, judged without its witness generator: what is asserted there and not constrained
 * here does not count.
 */
export class ConstraintSystem {
  readonly prime: bigint;
  readonly wires: number;
  readonly outputs: number;
  readonly publicInputs: number;
  readonly privateInputs: number;
  readonly constraints: readonly Constraint[];
  /** Numbers of the constraints in which a wire occurs. */
  readonly #of: readonly (readonly number[])[];

  private constructor(file: Awaited<ReturnType<typeof readR1cs>>) {
    this.prime = file.prime;
    this.wires = file.nVars;
    this.outputs = file.nOutputs;
    this.publicInputs = file.nPubInputs;
    this.privateInputs = file.nPrvInputs;
    const terms = (combination: Record<string, bigint>): Terms =>
      Object.entries(combination).map(([wire, coefficient]) => [Number(wire), coefficient] as const);
    this.constraints = file.constraints.map(([a, b, c]) => ({ a: terms(a), b: terms(b), c: terms(c) }));
    const of: number[][] = Array.from({ length: this.wires }, () => []);
    this.constraints.forEach((constraint, index) => {
      for (const wire of wiresOf(constraint)) of[wire]?.push(index);
    });
    this.#of = of;
  }

  static async load(path: string): Promise<ConstraintSystem> {
    const fromRprLE = (bytes: Uint8Array, offset: number): bigint => {
      let value = 0n;
      for (let i = 31; i >= 0; i--) value = (value << 8n) | BigInt(bytes[offset + i] ?? 0);
      return value;
    };
    return new ConstraintSystem(await readR1cs(path, { getFieldFromPrime: () => ({ fromRprLE }) }));
  }

  /** Whether every constraint holds, i.e. whether an honest prover library could prove this witness. */
  accepts(witness: Witness): boolean {
    return this.constraints.every((constraint) => this.#holds(constraint, witness));
  }

  /** The wires of each constraint that does not hold. */
  broken(witness: Witness): number[][] {
    return this.constraints.filter((one) => !this.#holds(one, witness)).map((one) => [...wiresOf(one)]);
  }

  /** Whether a constraint breaks when one wire of an accepted witness takes another value. */
  notices(witness: Witness, wire: number, value: bigint): boolean {
    const changed = [...witness];
    changed[wire] = value;
    return this.#of[wire]?.some((index) => !this.#constraintHolds(index, changed)) ?? false;
  }

  /** Constraints in which one factor is constant. */
  linearCount(): number {
    const constant = (terms: Terms): boolean => terms.every(([wire]) => wire === 0);
    return this.constraints.filter(({ a, b }) => constant(a) || constant(b)).length;
  }

  /**
   * Wires that could move together while `fixed` ones stay, to first order at this witness; none means that the witness
   * is isolated given the fixed wires.
   *
   * A constraint with one open wire determines it, if its derivative there is not zero; this repeats until nothing
   * changes, and the linear system that remains is solved. Meant for circuits compiled with `--O1`, whose linear
   * constraints are short: what remains is then small.
   */
  freeWires(witness: Witness, fixed: Iterable<number>): number[] {
    const determined = new Set([0, ...fixed]);
    const open = this.constraints.map(
      (constraint) => new Set([...wiresOf(constraint)].filter((wire) => !determined.has(wire))),
    );
    const waiting = [...open.keys()];
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      const [wire, ...others] = open[index] ?? [];
      const constraint = this.constraints[index];
      if (wire === undefined || others.length > 0 || constraint === undefined) continue;
      if (this.#derivative(constraint, witness, wire) === 0n) continue;
      determined.add(wire);
      for (const touched of this.#of[wire] ?? []) {
        open[touched]?.delete(wire);
        waiting.push(touched);
      }
    }
    const columns = Array.from({ length: this.wires }, (_, wire) => wire).filter(
      (wire) => !determined.has(wire),
    );
    const rows = this.constraints.filter((_, index) => (open[index]?.size ?? 0) > 0);
    const jacobian = rows.map((row) => columns.map((wire) => this.#derivative(row, witness, wire)));
    const pivots = pivotColumns(jacobian, this.prime);
    return columns.filter((_, column) => !pivots.has(column));
  }

  #constraintHolds(index: number, witness: Witness): boolean {
    const constraint = this.constraints[index];
    return constraint === undefined || this.#holds(constraint, witness);
  }

  #holds({ a, b, c }: Constraint, witness: Witness): boolean {
    return (evaluate(a, witness) * evaluate(b, witness) - evaluate(c, witness)) % this.prime === 0n;
  }

  #derivative({ a, b, c }: Constraint, witness: Witness, wire: number): bigint {
    const slope = coefficient(a, wire) * evaluate(b, witness) + evaluate(a, witness) * coefficient(b, wire);
    return (slope - coefficient(c, wire)) % this.prime;
  }
}

function wiresOf({ a, b, c }: Constraint): Set<number> {
  return new Set([...a, ...b, ...c].map(([wire]) => wire));
}

function coefficient(terms: Terms, wire: number): bigint {
  return terms.find(([other]) => other === wire)?.[1] ?? 0n;
}

function evaluate(terms: Terms, witness: Witness): bigint {
  return terms.reduce((sum, [wire, factor]) => sum + factor * (witness[wire] ?? 0n), 0n);
}
