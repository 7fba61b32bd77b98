/** A series with its values a minute apart, in promtool's notation: `0+1x60`, `0x49 11x10`. */
export type Series = readonly [series: string, values: string];

/** What must make a rule speak, beside what must not. */
export interface AlertCase {
  /** Id of the rule. */
  readonly rule: string;
  /** When it is looked at, e.g. `60m`. */
  readonly at: string;
  readonly breach: readonly Series[];
  /** As near to the limit as it may be. */
  readonly quiet: readonly Series[];
  /** Labels that the alert has of its subject. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The figure that the alert tells. */
  readonly value: string;
}

const PORTS: Readonly<Record<string, number>> = {
  sequencer: 8440,
  anchor: 8510,
  witness: 8500,
  prover: 8480,
  relayer: 8490,
  watcher: 8520,
};

/** A service's series as Prometheus keeps it; `name` without `proofx_SERVICE_` unless it begins with `process_`. */
export function seriesOf(service: string, name: string, labels = ""): string {
  const full = name.startsWith("process_") ? name : `proofx_${service}_${name}`;
  const target = `service="${service}",job="${service}",instance="${service}:${PORTS[service]}"`;
  return `${full}{${labels === "" ? "" : `${labels},`}${target}}`;
}

/** A counter that stood at 0 for 50 minutes and then rose by so much, for `at: 60m`. */
export const rise = (by: number): string => `0x49 ${by}x10`;

/** Buckets of a histogram in which each minute one of ten observations is above `limit`, and none above `next`. */
export function slowTenth(service: string, name: string, limit: string, next: string, labels = ""): Series[] {
  return buckets(service, name, [limit, 9], [next, 10], labels);
}

/** As {@link slowTenth}, with none above `limit`. */
export function allWithin(service: string, name: string, limit: string, next: string, labels = ""): Series[] {
  return buckets(service, name, [limit, 10], [next, 10], labels);
}

function buckets(
  service: string,
  name: string,
  limit: readonly [string, number],
  next: readonly [string, number],
  labels: string,
): Series[] {
  const also = labels === "" ? "" : `,${labels}`;
  return [limit, next, ["+Inf", next[1]] as const].map(([le, count]) => [
    seriesOf(service, `${name}_bucket`, `le="${le}"${also}`),
    `0+${count}x60`,
  ]);
}
