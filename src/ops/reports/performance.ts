import { ProofXError } from "../../core/errors.ts";
import { ask } from "../probes/http.ts";
import type { ReportFact, ReportSection } from "./report.ts";

/** One sample of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The samples of a service's `/metrics`. */
export function parseMetrics(text: string): Sample[] {
  return text.split("\n").flatMap((line) => {
    const [, name = "", labels = "", value = ""] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === "") return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = "", text = ""]) => [
      key,
      text,
    ]);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

/**
 * The time that a share of a histogram's observations did not exceed: the upper bound of its bucket; undefined without any.
 *
 * @param share 0 to 1.
 */
export function quantileOf(samples: readonly Sample[], name: string, share: number): number | undefined {
  const buckets = new Map<number, number>();
  for (const { labels, value } of samples.filter((each) => each.name === `${name}_bucket`)) {
    const bound = labels.le === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels.le);
    buckets.set(bound, (buckets.get(bound) ?? 0) + value);
  }
  const total = buckets.get(Number.POSITIVE_INFINITY) ?? 0;
  if (total === 0) return undefined;
  return [...buckets].sort(([a], [b]) => a - b).find(([, count]) => count >= total * share)?.[0];
}

/** Limits of seed 001, section 2. */
const MOST_ERRORS = 0.01;
const MOST_CPU = 0.8;
const LONGEST_PROOF = 3;

/** How each service did since it started, by its own metrics. */
export async function performanceSection(
  services: readonly { readonly name: string; readonly url: string }[],
  now: number,
): Promise<ReportSection> {
  const title = "Performance";
  if (services.length === 0)
    return { title, facts: [], todo: [], missing: "Not looked at: [health.services] names no service." };
  const read = await Promise.all(services.map((service) => serviceFigures(service, now)));
  return {
    title,
    facts: read.flatMap(({ facts }) => facts),
    todo: read.flatMap(({ todo }) => todo),
  };
}

async function serviceFigures(
  { name, url }: { readonly name: string; readonly url: string },
  now: number,
): Promise<Pick<ReportSection, "facts" | "todo">> {
  try {
    const { status, text } = await ask(name, `${url}/metrics`);
    if (status !== 200) return { facts: [], todo: [`${name} answers ${status} instead of its metrics`] };
    return figuresOf(name, parseMetrics(text), now);
  } catch (error) {
    if (!(error instanceof ProofXError)) throw error;
    return { facts: [], todo: [error.message] };
  }
}

/** @param now Milliseconds since 1970. */
export function figuresOf(
  service: string,
  samples: readonly Sample[],
  now: number,
): { readonly facts: ReportFact[]; readonly todo: string[] } {
  const prefix = `proofx_${service}_`;
  const sum = (name: string, which: (labels: Sample["labels"]) => boolean = () => true) =>
    samples
      .filter((each) => each.name === name && which(each.labels))
      .reduce((all, { value }) => all + value, 0);
  const started = sum("process_start_time_seconds");
  const seconds = Math.max(1, now / 1000 - started);
  const requests = sum(`${prefix}http_requests_total`);
  const errors = sum(`${prefix}http_requests_total`, ({ status = "" }) => status.startsWith("5"));
  const share = requests === 0 ? 0 : errors / requests;
  const cpu = sum("process_cpu_seconds_total") / seconds;
  const p95 = quantileOf(samples, `${prefix}http_request_seconds`, 0.95);
  const proof = quantileOf(samples, `${prefix}proof_seconds`, 0.95);
  const database = quantileOf(samples, `${prefix}database_seconds`, 0.95);
  const facts = [
    { name: `${service}: up since`, value: new Date(started * 1000).toISOString() },
    { name: `${service}: requests`, value: `${requests}, ${percent(share)} with an error of ours` },
    { name: `${service}: processor`, value: `${percent(cpu)} of one` },
    {
      name: `${service}: memory`,
      value: `${Math.round(sum("process_resident_memory_bytes") / 2 ** 20)} MiB`,
    },
    ...(p95 === undefined ? [] : [{ name: `${service}: 95 of 100 answers within`, value: `${p95} s` }]),
    ...(database === undefined
      ? []
      : [{ name: `${service}: 95 of 100 transactions of the database within`, value: `${database} s` }]),
    ...(proof === undefined ? [] : [{ name: `${service}: 95 of 100 proofs within`, value: `${proof} s` }]),
  ];
  const todo = [
    ...(share > MOST_ERRORS
      ? [`${service}: ${percent(share)} errors, npx proofx runbook show ErrorRateHigh`]
      : []),
    ...(cpu > MOST_CPU
      ? [`${service}: ${percent(cpu)} of a processor, npx proofx runbook show CpuHigh`]
      : []),
    ...(proof !== undefined && proof > LONGEST_PROOF
      ? [`${service}: proofs take up to ${proof} s, npx proofx runbook show ProofSlow`]
      : []),
  ];
  return { facts, todo };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
