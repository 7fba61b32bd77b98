import { CheckError } from "../../../../src/core/errors.ts";
import type { Circuit, Inputs } from "../circuit.ts";
import { inputWires, unnoticed } from "../witness-checks.ts";
import type { Mutant } from "./find.ts";
import { FALSE_STATEMENTS, TRUE_STATEMENTS } from "./statements.ts";
import { type Subject, withMutant } from "./subject.ts";

/** What became of a mutant. */
export interface Verdict {
  readonly outcome: "killed" | "survived" | "stillborn";
  /** What noticed it; empty when nothing did; the compiler's words when it is stillborn. */
  readonly why: string;
}

/** What a dishonest generator does to the value that is no longer constrained. */
const TWISTS = ["+ 1", "* 0"] as const;

/**
 * Looks for a witness that a mutant accepts and the circuit refuses:
 *
 * 1. for a false statement, with every value computed as the circuit says;
 * 2. with another value on any one wire of an honest witness;
 * 3. with a group of wires moved together, the inputs held;
 * 4. for a false or a true statement, with a twisted value in place of the one that the mutation set free, and
 *    everything after it computed from that.
 */
export async function judge(mutant: Mutant, subject: Subject): Promise<Verdict> {
  const { file } = mutant;
  const plain = { file, text: mutant.mutate() };
  const found = await unlessRefused(() =>
    withMutant(subject, plain, "constraints", (circuit) => holeIn(circuit, subject)),
  );
  if (found instanceof CheckError) return { outcome: "stillborn", why: reasonOf(found) };
  if (found !== undefined) return { outcome: "killed", why: found };

  for (const twist of mutant.mutation === "weakened" && !discards(mutant) ? TWISTS : []) {
    const twisted = { file, text: mutant.mutate(twist) };
    const wrong = await unlessRefused(() =>
      withMutant(subject, twisted, "generator too", (circuit) => twistedWitness(circuit, subject, twist)),
    );
    // Arithmetic is for scalars: what does not compile with a twist is an array.
    if (wrong instanceof CheckError) break;
    if (wrong !== undefined) return { outcome: "killed", why: wrong };
  }
  return { outcome: "survived", why: "" };
}

async function unlessRefused<T>(work: () => Promise<T>): Promise<T | CheckError> {
  return await work().catch((error: unknown) => {
    if (error instanceof CheckError) return error;
    throw error;
  });
}

async function twistedWitness(
  circuit: Circuit,
  { name }: Subject,
  twist: string,
): Promise<string | undefined> {
  const accepts = async (inputs: Inputs): Promise<boolean> => {
    const witness = await circuit.witness(inputs).catch(() => undefined);
    return witness !== undefined && circuit.system.accepts(witness);
  };
  for (const [what, inputs] of Object.entries(FALSE_STATEMENTS[name])) {
    if (await accepts(inputs)) return `a false statement: ${what}`;
  }
  return (await accepts(TRUE_STATEMENTS[name])) ? `a wrong value: the right one ${twist}` : undefined;
}

async function holeIn(circuit: Circuit, { name, slack }: Subject): Promise<string | undefined> {
  for (const [what, inputs] of Object.entries(FALSE_STATEMENTS[name])) {
    if (circuit.system.accepts(await circuit.forge(inputs))) return `a false statement: ${what}`;
  }
  const inputs = TRUE_STATEMENTS[name];
  const witness = await circuit.forge(inputs);
  if (!circuit.system.accepts(witness)) throw new Error(`a mutant of ${name} refuses an honest witness`);
  const alone = unnoticed(circuit, witness).find((wire) => !slack.alone.includes(wire));
  if (alone !== undefined) return `any value of ${alone}`;
  const held = inputWires(circuit, inputs);
  if (held.length < slack.inputs) {
    // A template is used with the input it was given. A private input of the main circuit is whatever the prover says,
    // so a copy of it that is used in its place says the same.
    return name === "compliance" ? undefined : "any value of an input, which is in no constraint";
  }
  const free = circuit.system.freeWires(witness, held).map(circuit.name);
  const together = free.find((wire) => !slack.together.includes(wire));
  return together === undefined ? undefined : `${together} moved together with others`;
}

/** Whether the value is thrown away: `_ <== a`. */
function discards({ constraint }: Mutant): boolean {
  return /^_ |==> _$/.test(constraint);
}

/** The compiler's own line of reason. */
function reasonOf({ message }: CheckError): string {
  return (/error\[\w+\]: *(.*)/.exec(message)?.[1] ?? message).trim();
}
