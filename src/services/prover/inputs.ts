import { z } from "zod";
import {
  AMOUNTS,
  type CircuitInputs,
  FACTS_TREE_ARITY,
  FACTS_TREE_DEPTH,
  isFieldElement,
} from "../../core/facts/index.ts";
import { stringifyJson } from "../../core/json.ts";

const FIELD_FORM = "a decimal string below the scalar field's order, without leading zeros";

/** The length is looked at first: no long text becomes a number. */
const field = z
  .string({ error: FIELD_FORM })
  .regex(/^(0|[1-9]\d{0,76})$/, { error: FIELD_FORM, abort: true })
  .refine((text) => isFieldElement(BigInt(text)), { error: FIELD_FORM })
  .meta({ example: "31337" });

const list = <T extends z.ZodType>(element: T, length: number, what: string) =>
  z.array(element, { error: what }).length(length, { error: what });

const fields = (length: number) => list(field, length, `a list of ${length} decimal strings`);

/** Zod's own message would repeat the names of fields that a client made up. */
const noOthers = { error: "an object with exactly the fields of the schema" } as const;

/** Every input signal of the circuit (`CircuitInputs` of src/core/facts), numbers as decimal strings. */
export const circuitInputsBody = z
  .strictObject(
    {
      factsRoot: field,
      policyHash: field,
      subject: field,
      context: field,
      amounts: fields(AMOUNTS),
      category: field,
      salt: field,
      sequence: field,
      weights: fields(AMOUNTS),
      lower: field,
      upper: field,
      categoryMask: field,
      children: list(
        fields(FACTS_TREE_ARITY),
        FACTS_TREE_DEPTH,
        `a list of ${FACTS_TREE_DEPTH} lists of ${FACTS_TREE_ARITY} decimal strings`,
      ),
    },
    noOthers,
  )
  .meta({ id: "CircuitInputs", description: "Secret: never logged, dropped as soon as the proof is made" });

/** Inputs as they travel: decimal strings, known to be field elements. */
export type InputTexts = z.output<typeof circuitInputsBody>;

/** What is asked of the prover. */
export const proofRequest = z
  .strictObject(
    {
      circuitVersion: z.int({ error: "an integer" }).min(1, { error: "at least 1" }).max(4_294_967_295, {
        error: "at most 4294967295",
      }),
      inputs: circuitInputsBody,
    },
    noOthers,
  )
  .meta({ id: "ProofRequest" });

/** Numbers for the witness generator. */
export function toCircuitInputs(texts: InputTexts): CircuitInputs {
  const { amounts, weights, children, ...single } = texts;
  const numbers = (list: readonly string[]): bigint[] => list.map(BigInt);
  return {
    ...(Object.fromEntries(
      Object.entries(single).map(([name, text]) => [name, BigInt(text)]),
    ) as unknown as Omit<CircuitInputs, "amounts" | "weights" | "children">),
    amounts: numbers(amounts),
    weights: numbers(weights),
    children: children.map(numbers),
  };
}

/** The other way: what a client sends. */
export function toInputTexts(inputs: CircuitInputs): InputTexts {
  return JSON.parse(stringifyJson(inputs)) as InputTexts;
}
