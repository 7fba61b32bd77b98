import { InputError } from "../../core/errors.ts";
import { linearPattern } from "./linear-pattern.ts";

const DIALECT = "https://json-schema.org/draft/2020-12/schema";
/** Keywords whose value is one schema, a list of them, or an object of them. */
const ONE = ["not", "if", "then", "else", "items", "contains", "additionalProperties", "propertyNames"];
const MORE_ONE = ["unevaluatedItems", "unevaluatedProperties"];
const LISTS = ["allOf", "anyOf", "oneOf", "prefixItems"];
const MAPS = ["properties", "patternProperties", "dependentSchemas", "$defs"];
const FORBIDDEN = [
  "$id",
  "$anchor",
  "$dynamicRef",
  "$dynamicAnchor",
  "$vocabulary",
  "definitions",
  "contentSchema",
];
const REFERENCE = /^#\/\$defs\/([\w.-]{1,64})$/;

/** Steps that a payload's check may take at each of its values. */
const MOST_STEPS = 2_000;
/** Steps that a whole payload's check may take: a tenth of a second of one processor, which everybody else waits for. */
const MOST_WORK = 500_000;
const MOST_UNIQUE = 1_000;

type Schema = Readonly<Record<string, unknown>>;

/**
 * Holds a schema to a part of JSON Schema (2020-12) whose checking time is bounded, so that no tenant's schema holds up others:
 * references to its own `$defs` and no circles among them, patterns in linear time, unique items in short lists only.
 *
 * @returns Steps that a check may take at each value of a payload.
 * @throws InputError naming the place.
 */
export function requireSound(root: unknown): number {
  const steps = new Walk(isObject(root) ? root.$defs : undefined).steps(root, "#");
  if (steps > MOST_STEPS)
    throw InputError.expected("schema", `at most ${MOST_STEPS} steps, references followed`, steps);
  return steps;
}

/** How many values a payload may have to be checked in so many steps each. */
export function mostValues(steps: number): number {
  return Math.floor(MOST_WORK / steps);
}

/** Values of a payload: objects, lists, and all that is in them; stops counting at `most`. */
export function countValues(payload: unknown, most: number): number {
  let count = 0;
  const open: unknown[] = [payload];
  while (open.length > 0 && count <= most) {
    const value = open.pop();
    count += 1;
    if (value !== null && typeof value === "object")
      for (const inner of Object.values(value)) open.push(inner);
  }
  return count;
}

class Walk {
  readonly #defs: Schema;
  /** Steps of each definition; undefined while it is being counted. */
  readonly #known = new Map<string, number | undefined>();

  constructor(defs: unknown) {
    this.#defs = isObject(defs) ? defs : {};
  }

  steps(schema: unknown, place: string): number {
    if (typeof schema === "boolean") return 1;
    if (!isObject(schema)) throw InputError.expected(place, "a schema: an object, true or false", schema);
    requireOwnKeywords(schema, place);
    const children = childrenOf(schema, place);
    const below = children.reduce((sum, [child, at]) => sum + this.steps(child, at), 0);
    return 1 + below + compared(schema) + this.#referenced(schema.$ref, place);
  }

  #referenced(reference: unknown, place: string): number {
    if (reference === undefined) return 0;
    const name = typeof reference === "string" ? REFERENCE.exec(reference)?.[1] : undefined;
    if (name === undefined || !Object.hasOwn(this.#defs, name)) {
      throw InputError.expected(`${place}/$ref`, "#/$defs/NAME of the same schema", reference);
    }
    if (this.#known.has(name)) {
      const known = this.#known.get(name);
      if (known === undefined) throw new InputError(`${place}/$ref: expected no circle of references`);
      return known;
    }
    this.#known.set(name, undefined);
    const steps = this.steps(this.#defs[name], `#/$defs/${name}`);
    if (steps > MOST_STEPS) throw InputError.expected("schema", `at most ${MOST_STEPS} steps`, "more");
    this.#known.set(name, steps);
    return steps;
  }
}

/** What a value or its names are compared with, one by one. */
function compared({ enum: values, required, dependentRequired }: Schema): number {
  const lengthOf = (list: unknown): number => (Array.isArray(list) ? list.length : 0);
  const dependent = isObject(dependentRequired) ? Object.values(dependentRequired) : [];
  return (
    lengthOf(values) + lengthOf(required) + dependent.reduce<number>((sum, list) => sum + lengthOf(list), 0)
  );
}

function requireOwnKeywords(schema: Schema, place: string): void {
  for (const keyword of FORBIDDEN) {
    if (keyword in schema) throw InputError.expected(place, "a schema without it", keyword);
  }
  if (schema.$schema !== undefined && schema.$schema !== DIALECT) {
    throw InputError.expected(`${place}/$schema`, DIALECT, schema.$schema);
  }
  const patterns = isObject(schema.patternProperties) ? Object.keys(schema.patternProperties) : [];
  for (const pattern of [...patterns, schema.pattern])
    if (typeof pattern === "string") linearPattern(pattern);
  const { uniqueItems, maxItems } = schema;
  if (uniqueItems === true && !(typeof maxItems === "number" && maxItems <= MOST_UNIQUE)) {
    throw InputError.expected(`${place}/maxItems`, `at most ${MOST_UNIQUE} beside uniqueItems`, maxItems);
  }
}

function childrenOf(schema: Schema, place: string): [unknown, string][] {
  const children: [unknown, string][] = [];
  for (const keyword of [...ONE, ...MORE_ONE]) {
    if (keyword in schema) children.push([schema[keyword], `${place}/${keyword}`]);
  }
  for (const keyword of [...LISTS, ...MAPS]) {
    const inner = schema[keyword];
    if (inner === null || typeof inner !== "object") continue;
    for (const [name, child] of Object.entries(inner)) children.push([child, `${place}/${keyword}/${name}`]);
  }
  return children;
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
