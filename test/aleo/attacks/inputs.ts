/** Leo texts of what the programs take; the rest of a call reads as it is typed. */

export interface Metrics {
  readonly accuracy: number;
  readonly success: number;
  readonly latency: number;
  readonly executions: number;
}

/** The known answer of the score: 8,500. */
export const KNOWN: Metrics = { accuracy: 9000, success: 8500, latency: 250, executions: 1000 };
export const KNOWN_SCORE = 8500;
export const SALT = "12345scalar";

export function metrics(changed: Partial<Metrics> = {}): string {
  const { accuracy, success, latency, executions } = { ...KNOWN, ...changed };
  return `{ accuracy_rate: ${accuracy}u32, success_rate: ${success}u32, avg_latency_ms: ${latency}u32, total_executions: ${executions}u32 }`;
}

/** An array of `length` entries, those that are missing filled up. */
export function padded(values: readonly string[], filler: string, length = 5): string {
  return `[${[...values, ...Array<string>(Math.max(0, length - values.length)).fill(filler)].join(", ")}]`;
}

/** Inputs of `process_withdrawals`: tickets with their owners and amounts. */
export function payouts(
  entries: readonly { ticket: string; owner: string; amount: number }[],
  count = entries.length,
): string[] {
  const [first] = entries;
  return [
    padded(
      entries.map(({ ticket }) => ticket),
      "0field",
    ),
    padded(
      entries.map(({ owner }) => owner),
      first?.owner ?? "",
    ),
    padded(
      entries.map(({ amount }) => `${amount}u64`),
      "0u64",
    ),
    `${count}u8`,
  ];
}

/** Inputs of `verify_execution` and `verify_high_trust`. */
export function execution(agent: string, id: string, confidence: number | bigint): string[] {
  return [agent, id, "11field", "22field", "33field", `${confidence}u32`];
}

/** Inputs of `batch_verify`. */
export function executions(
  agent: string,
  entries: readonly { id: string; confidence: number }[],
  count = entries.length,
  length = 5,
): string[] {
  const fields = (value: string): string =>
    padded(
      entries.map(() => value),
      "0field",
      length,
    );
  return [
    agent,
    padded(
      entries.map(({ id }) => id),
      "0field",
      length,
    ),
    fields("11field"),
    fields("22field"),
    fields("33field"),
    padded(
      entries.map(({ confidence }) => `${confidence}u32`),
      "0u32",
      length,
    ),
    `${count}u8`,
  ];
}
