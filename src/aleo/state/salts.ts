import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { writeFileDurably } from "../../chain/files.ts";
import { RefusedError } from "../../core/errors.ts";
import { readFields, uintField } from "../../core/json.ts";
import { parseStrictJson } from "../../core/strict-json.ts";
import type { AgentMetrics } from "../programs/agent-registry.ts";
import type { AgentV2 } from "./v2.ts";

const FORMAT = "PROOFX_ALEO_SALTS_V1";
const MOST = 2 ** 32 - 1;

const metrics = z.strictObject({
  accuracy_rate: uintField(MOST),
  success_rate: uintField(MOST),
  avg_latency_ms: uintField(MOST),
  total_executions: uintField(MOST),
});

const file = z.strictObject({
  format: z.literal(FORMAT, { error: FORMAT }),
  agents: z.record(
    z.string(),
    z.strictObject({
      owner: z.string(),
      salt: z.string().regex(/^\d+scalar$/, { error: "a scalar" }),
      metrics,
    }),
  ),
});

/**
 * Salts of the agents' commitments, drawn once and written down, durably, before anything is committed to: without its salt
 * an owner can never show what its commitment holds. The file is secret; each owner gets its own entry.
 *
 * @returns Agent to `…scalar`. @throws RefusedError when the file is of agents with other metrics.
 */
export function loadOrDrawSalts(path: string, agents: readonly AgentV2[]): Map<string, string> {
  const known = existsSync(path)
    ? readFields(file, parseStrictJson(readFileSync(path, "utf8"), {}, path), path).agents
    : {};
  const entries: Record<string, { owner: string; salt: string; metrics: AgentMetrics }> = { ...known };
  for (const { agent, owner, metrics } of agents) {
    const old = known[agent];
    if (old === undefined) entries[agent] = { owner, salt: drawSalt(), metrics: { ...metrics } };
    else if (!sameMetrics(old.metrics, metrics)) {
      throw new RefusedError(`${path}: agent ${agent} has other metrics there; it is of another migration`, {
        next: "Name another file with --salts; never write over one, its salts are the only copies",
      });
    }
  }
  if (Object.keys(entries).length !== Object.keys(known).length) {
    writeFileDurably(path, `${JSON.stringify({ format: FORMAT, agents: entries }, null, 1)}\n`, 0o600);
  }
  return new Map(agents.map(({ agent }) => [agent, entries[agent]?.salt ?? ""]));
}

/** 248 random bits: below the order of the scalars, and beyond guessing. */
const drawSalt = (): string => `${BigInt(`0x${randomBytes(31).toString("hex")}`)}scalar`;

const sameMetrics = (a: AgentMetrics, b: AgentMetrics): boolean =>
  a.accuracy_rate === b.accuracy_rate &&
  a.success_rate === b.success_rate &&
  a.avg_latency_ms === b.avg_latency_ms &&
  a.total_executions === b.total_executions;
