import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as snarkjs from "snarkjs";
import type { CircuitInputs } from "../../../../src/core/facts/index.ts";
import { toInputTexts } from "../../../../src/services/prover/inputs.ts";
import type { Job } from "../../../../src/services/prover/job.ts";
import { inputsOf } from "../../../compliance/support/artifacts.ts";
import { type ProofxService, startProofx } from "../../../support/proofx.ts";

/** What a test reads of an answer: a job, or a problem. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Job & { readonly code?: string; readonly detail?: string };
}

/** A prover in a process of its own, as `npx proofx prover` starts it. */
export interface TestProver extends ProofxService {
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  prove(context: bigint, headers?: Record<string, string>): Promise<Answer>;
  enqueue(context: bigint, headers?: Record<string, string>): Promise<Answer>;
  /** Asks until the job has ended. */
  ended(id: string): Promise<Job>;
  /** A metric's value; 0 while it has none. */
  metric(line: string): Promise<number>;
}

/** Settings of `[prover]` and `[prover.http]`, as TOML lines; the circuit is this checkout's unless given. */
export interface ProverConfig {
  readonly prover?: readonly string[];
  readonly http?: readonly string[];
  readonly circuit?: readonly string[];
}

/** Writes a configuration; `remove` takes it away. */
export function writeConfig({ prover = [], http = [], circuit = [] }: ProverConfig) {
  const folder = mkdtempSync(join(tmpdir(), "proofx-prover-"));
  const file = join(folder, "proofx.toml");
  const text = [
    "[log]",
    "[prover]",
    ...prover,
    "[prover.http]",
    "port = 0",
    ...http,
    "[[prover.circuits]]",
    "version = 1",
    ...circuit,
  ];
  writeFileSync(file, `${text.join("\n")}\n`);
  return { file, folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Starts a prover; it is up and warm when this resolves. */
export async function startTestProver(
  config: ProverConfig,
  env: NodeJS.ProcessEnv = {},
): Promise<TestProver> {
  const { file, remove } = writeConfig(config);
  const service = await startProofx(["prover", "--config", file], env).finally(remove);
  return { ...service, ...client(service.url) };
}

/** Calls of a prover at this URL. */
export function client(url: string): Omit<TestProver, keyof ProofxService> {
  const send: TestProver["send"] = async (method, path, body, headers = {}) => {
    const content = typeof body === "string" ? body : JSON.stringify(body);
    const answer = await fetch(`${url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: content }),
      headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: text === "" ? {} : JSON.parse(text),
    };
  };
  return {
    send,
    prove: (context, headers) => send("POST", "/v1/proofs", requestOf(inputsOf({ context })), headers),
    enqueue: (context, headers) => send("POST", "/v1/jobs", requestOf(inputsOf({ context })), headers),
    ended: async (id) => {
      for (;;) {
        const { body } = await send("GET", `/v1/jobs/${id}`);
        if (body.status !== "queued" && body.status !== "running") return body;
        await pause(50);
      }
    },
    metric: async (line) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(
        text
          .split("\n")
          .find((each) => each.startsWith(line))
          ?.split(" ")
          .at(-1) ?? 0,
      );
    },
  };
}

/** The body that asks for a proof. */
export const requestOf = (inputs: CircuitInputs, circuitVersion = 1) => ({
  circuitVersion,
  inputs: toInputTexts(inputs),
});

/** Whether stock snarkjs accepts a job's proof. */
export async function holds(verificationKeyFile: string, { result }: Job): Promise<boolean> {
  if (result === undefined) return false;
  const key = JSON.parse(readFileSync(verificationKeyFile, "utf8"));
  try {
    return await snarkjs.groth16.verify(key, result.signals, result.proof);
  } finally {
    // Its threads would keep this process up.
    await (globalThis as { curve_bn128?: { terminate(): Promise<void> } }).curve_bn128?.terminate();
  }
}

/** Waits for what another process does. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(20);
}
