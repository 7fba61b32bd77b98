import { randomUUID } from "node:crypto";
import { EXIT, InputError, ProofXError } from "../../core/errors.ts";
import type { Alert, Sink } from "../../ops/alerts/index.ts";
import { openSinks } from "../../ops/sinks/index.ts";
import { note, print } from "../output.ts";
import { alertsSettings, type ConfigOption } from "./open.ts";

interface Tested {
  readonly sink: string;
  readonly ok: boolean;
  /** Milliseconds for both messages. */
  readonly took: number;
  readonly reason?: string;
}

/** `alerts test`: exit code 1 when a sink did not take it. */
export async function test(options: ConfigOption & { readonly sink?: readonly string[] }): Promise<void> {
  const settings = alertsSettings(options);
  const wanted = options.sink;
  const names = settings.sink.map(({ name }) => name);
  const unknown = wanted?.find((name) => !names.includes(name));
  if (unknown !== undefined || names.length === 0)
    throw InputError.expected(
      "--sink",
      names.length === 0 ? "sinks under [[alerts.sink]]" : `one of ${names.join(", ")}`,
      unknown,
      "docs/alerts.md has a part for each kind of sink",
    );
  // The secrets of the chosen ones alone.
  const chosen = settings.sink.filter(({ name }) => wanted === undefined || wanted.includes(name));
  const sinks = await openSinks({ ...settings, sink: chosen });
  const results: Tested[] = [];
  for (const sink of sinks) {
    note(`asking ${sink.name}`);
    results.push(await tryOne(sink));
  }
  const lines = results.map(
    ({ sink, ok, took, reason }) =>
      `${ok ? "ok    " : "failed"}  ${sink}  ${took} ms${reason ? `  ${reason}` : ""}`,
  );
  const exitCode = results.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
  print({ data: { sinks: results }, lines, exitCode }, options.json);
}

async function tryOne(sink: Sink): Promise<Tested> {
  const alert = testAlert();
  const began = Date.now();
  const took = () => Date.now() - began;
  try {
    await sink.deliver(alert);
    await sink.deliver({ ...alert, phase: "resolved" });
    return { sink: sink.name, ok: true, took: took() };
  } catch (error) {
    if (!(error instanceof ProofXError)) throw error;
    return { sink: sink.name, ok: false, took: took(), reason: error.message };
  }
}

/** Ends at once, and is none that the watcher knows. */
const testAlert = (): Alert => ({
  key: `AlertsTest/${randomUUID()}`,
  rule: "AlertsTest",
  severity: "low",
  phase: "open",
  summary: "A test of this sink by npx proofx alerts test. Nothing is wrong.",
  since: new Date().toISOString(),
  labels: { subject: "test" },
  details: {},
  runbook: "docs/alerts.md",
});
