import type { EventFragment, Interface } from "ethers";
import { agentRegistry } from "../../aleo/programs/agent-registry.ts";
import { trustVerifier } from "../../aleo/programs/trust-verifier.ts";
import { type Selector, selectorsOf } from "./promql.ts";
import {
  type AleoSource,
  type EventSource,
  type MetricSource,
  type Rule,
  runbookOf,
  type WatchedContract,
} from "./rule.ts";

/** A metric that a service registers. */
export interface RegisteredMetric {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram" | "summary";
  readonly labels: readonly string[];
}

/** What rules are held against. */
export interface RuleFacts {
  readonly abis: Readonly<Record<WatchedContract, Interface>>;
  /** Names of the probes there are. */
  readonly probes: ReadonlySet<string>;
  readonly metrics: readonly RegisteredMetric[];
  /** Types that the log itself writes. */
  readonly eventTypes: ReadonlySet<string>;
  /** Pages that exist, relative to the root. */
  readonly pages: ReadonlySet<string>;
}

export interface RuleFault {
  readonly rule: string;
  readonly message: string;
}

/** Prometheus' own, about each target it reads. */
const OF_PROMETHEUS: readonly RegisteredMetric[] = [{ name: "up", type: "gauge", labels: [] }];
/** Labels that every series has: the target's, and the service's own default label. */
const OF_EVERY_SERIES = ["job", "instance", "service"];
const DURATION = /^(0s|\d+(ms|s|m|h|d))$/;

/** What is wrong with the rules; empty when nothing is. */
export function findRuleFaults(rules: readonly Rule[], facts: RuleFacts): RuleFault[] {
  return rules.flatMap((rule, i) => {
    const twice = rules.findIndex(({ id }) => id === rule.id) < i;
    return [
      ...(twice ? ["the id is another rule's too"] : []),
      ...formFaults(rule),
      ...sourceFaults(rule, facts),
      ...resolutionFaults(rule, facts),
      ...(facts.pages.has(runbookOf(rule)) ? [] : [`${runbookOf(rule)} does not exist`]),
    ].map((message) => ({ rule: rule.id, message }));
  });
}

/**
 * Events of the contracts that no rule watches and that are not excused, so that nobody forgets a new one; and excuses for
 * what is watched, or is no event.
 */
export function findUnwatched(
  rules: readonly Rule[],
  abis: RuleFacts["abis"],
  excused: Readonly<Record<string, string>>,
): RuleFault[] {
  const watched = new Set<string>();
  for (const { source } of rules)
    if (source.kind === "event")
      for (const contract of source.contracts) watched.add(`${contract} ${source.signature}`);
  const events = Object.entries(abis).flatMap(([contract, abi]) =>
    abi.fragments
      .filter((fragment): fragment is EventFragment => fragment.type === "event")
      .map((fragment) => ({ name: fragment.name, key: `${contract} ${fragment.format()}` })),
  );
  const forgotten = events
    .filter(({ name, key }) => !watched.has(key) && !Object.hasOwn(excused, name))
    .map(({ name, key }) => ({ rule: name, message: `no rule watches ${key}` }));
  const idle = Object.keys(excused)
    .filter((name) => !events.some((event) => event.name === name && !watched.has(event.key)))
    .map((name) => ({ rule: name, message: "is excused from being watched, and need not be" }));
  return [...forgotten, ...idle];
}

function* formFaults({ id, title }: Rule): Generator<string> {
  if (!/^([A-Z][a-z0-9]+)+$/.test(id)) yield "the id is not PascalCase";
  if (title.endsWith(".") || title.includes("\n") || title.length > 100)
    yield "the title is not one line of at most 100 characters without a full stop";
}

function sourceFaults({ source }: Rule, facts: RuleFacts): string[] {
  if (source.kind === "event") return [...eventFaults(source, facts)];
  if (source.kind === "metric") return [...metricFaults(source, facts)];
  if (source.kind === "state") return probeFaults(source.probe, facts);
  if (source.kind === "aleo") return aleoFaults(source);
  return source.eventTypes
    .filter((type) => !facts.eventTypes.has(type))
    .map((type) => `the log writes no events of type ${type}`);
}

function aleoFaults({ functions }: AleoSource): string[] {
  const known = new Set([agentRegistry, trustVerifier].flatMap((program) => Object.keys(program.functions)));
  return functions
    .filter((name) => name !== "(deployment)" && !known.has(name))
    .map((name) => `no Aleo program has a function ${name}`);
}

function resolutionFaults({ source, resolves }: Rule, facts: RuleFacts): string[] {
  if (resolves.by === "time") return resolves.seconds > 0 ? [] : ["it ends before it began"];
  if (resolves.by === "hand") return [];
  const lasting = source.kind === "state" || source.kind === "metric";
  if (resolves.probe !== undefined) return probeFaults(resolves.probe, facts);
  return lasting ? [] : ["nothing says when the state that the event began is over: name a probe"];
}

function probeFaults(probe: string, { probes }: RuleFacts): string[] {
  return probes.has(probe) ? [] : [`there is no probe ${probe}`];
}

function* eventFaults({ contracts, signature, where, labels }: EventSource, facts: RuleFacts) {
  if (contracts.length === 0) yield "it watches no contract";
  const forms = new Set<string>();
  for (const contract of contracts) {
    const fragment = facts.abis[contract].getEvent(signature);
    if (fragment === null || fragment.format() !== signature) {
      yield `${contract} has no event ${signature}`;
      continue;
    }
    forms.add(fragment.format("full"));
    const names = fragment.inputs.map(({ name }) => name);
    const unknown = [...(where ?? []).map(({ argument }) => argument), ...labels];
    for (const name of unknown) if (!names.includes(name)) yield `${signature} has no argument ${name}`;
    for (const condition of where ?? []) yield* valueFaults(fragment, condition);
  }
  if (forms.size > 1) yield `the contracts name or index the arguments of ${signature} differently`;
}

/** A value that the argument's type cannot have would never match, and nobody would notice. */
function* valueFaults(
  fragment: EventFragment,
  { argument, is, value }: NonNullable<EventSource["where"]>[number],
): Generator<string> {
  const type = fragment.inputs.find(({ name }) => name === argument)?.type;
  if (type === undefined) return;
  const ordered = is === ">" || is === "<";
  const number = /^u?int\d*$/.test(type);
  if (ordered && !number) yield `${argument} is of type ${type}: it has no order`;
  const fits =
    type === "bool"
      ? typeof value === "boolean"
      : typeof value === "string" && (number ? /^-?\d+$/ : hexOf(type)).test(value);
  if (!fits) yield `${argument} is of type ${type}: it cannot be ${String(value)}`;
}

function hexOf(type: string): RegExp {
  const bytes = type === "address" ? 20 : Number(/^bytes(\d+)$/.exec(type)?.[1] ?? 0);
  return new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`);
}

function* metricFaults({ expression, for: duration, labels }: MetricSource, facts: RuleFacts) {
  if (!DURATION.test(duration)) yield `${duration} is not how long something lasts`;
  const known = [...facts.metrics, ...OF_PROMETHEUS];
  let selectors: Selector[];
  try {
    selectors = selectorsOf(expression);
  } catch (error) {
    yield (error as Error).message;
    return;
  }
  const read: RegisteredMetric[] = [];
  for (const selector of selectors) {
    const found = known.filter((metric) => namesOf(metric).some((name) => fits(selector, name)));
    if (found.length === 0) yield `no service registers ${shown(selector)}`;
    read.push(...found);
    for (const { label } of selector.matchers)
      if (found.length > 0 && !found.every((metric) => labelsOf(metric).includes(label)))
        yield `${shown(selector)} has no label ${label}`;
  }
  const possible = new Set([...OF_EVERY_SERIES, ...read.flatMap(labelsOf)]);
  for (const label of labels)
    if (!possible.has(label)) yield `no series of the expression has a label ${label}`;
}

/** Names of a metric's series, as Prometheus has them. */
function namesOf({ name, type }: RegisteredMetric): string[] {
  if (type === "histogram") return [`${name}_bucket`, `${name}_sum`, `${name}_count`];
  return type === "summary" ? [name, `${name}_sum`, `${name}_count`] : [name];
}

function labelsOf({ type, labels }: RegisteredMetric): string[] {
  return [...labels, ...OF_EVERY_SERIES, ...(type === "histogram" ? ["le"] : [])];
}

function fits({ name }: Selector, candidate: string): boolean {
  return "is" in name ? name.is === candidate : name.matches.test(candidate);
}

function shown({ name }: Selector): string {
  return "is" in name ? name.is : `a metric like ${name.matches.source}`;
}
