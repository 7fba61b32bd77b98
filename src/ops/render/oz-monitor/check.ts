import { Ajv } from "ajv";
import type { RenderedFile } from "../rendered.ts";
import { MONITOR_SCHEMA, NETWORK_SCHEMA, TRIGGERS_SCHEMA } from "./schema.ts";

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
const SCHEMAS = {
  networks: ajv.compile(NETWORK_SCHEMA),
  monitors: ajv.compile(MONITOR_SCHEMA),
  triggers: ajv.compile(TRIGGERS_SCHEMA),
} as const;

interface Monitor {
  readonly name: string;
  readonly networks: readonly string[];
  readonly triggers: readonly string[];
  readonly addresses: readonly { readonly contract_spec: readonly { readonly name?: string }[] }[];
  readonly match_conditions: { readonly events: readonly { readonly signature: string }[] };
}

/**
 * What OpenZeppelin Monitor would refuse, or take and never match: files that are not of their schema, names that no
 * file defines or two define, events that are not in the contract's specification.
 *
 * @param files Of one configuration; the folder before a file's name says what it is.
 */
export function findConfigFaults(files: readonly RenderedFile[]): string[] {
  const read = files.map(({ path, text }) => ({
    path,
    kind: path.split("/").at(-2) as keyof typeof SCHEMAS,
    value: JSON.parse(text) as Record<string, unknown>,
  }));
  const wrong = read.flatMap(({ path, kind, value }) => {
    const validate = SCHEMAS[kind];
    if (validate === undefined) return [`${path}: expected a file in networks, monitors or triggers`];
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${path}: ${instancePath} ${message}`);
  });
  // References are followed where the forms hold.
  return wrong.length > 0 ? wrong : [...referenceFaults(read)];
}

function* referenceFaults(
  read: readonly { path: string; kind: string; value: Record<string, unknown> }[],
): Generator<string> {
  const of = (kind: string) => read.filter((file) => file.kind === kind).map(({ value }) => value);
  const slugs = of("networks").map(({ slug }) => String(slug));
  const keys = of("triggers").flatMap((file) => Object.keys(file));
  const monitors = of("monitors") as unknown as Monitor[];
  const names = monitors.map(({ name }) => name);
  for (const [what, all] of [
    ["network", slugs],
    ["trigger", keys],
    ["monitor", names],
  ] as const)
    for (const name of all)
      if (all.indexOf(name) !== all.lastIndexOf(name)) yield `two ${what}s are called ${name}`;
  for (const { name, networks, triggers, addresses, match_conditions } of monitors) {
    for (const slug of networks) if (!slugs.includes(slug)) yield `${name}: there is no network ${slug}`;
    for (const key of triggers) if (!keys.includes(key)) yield `${name}: there is no trigger ${key}`;
    for (const { signature } of match_conditions.events)
      for (const { contract_spec } of addresses)
        if (!contract_spec.some((entry) => signature.startsWith(`${entry.name}(`)))
          yield `${name}: the contract's specification has no event ${signature}`;
  }
}
