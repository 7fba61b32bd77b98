import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { type Groth16Proof, parseProof } from "../../compliance/index.ts";
import { CheckError, errorCode, InputError, RefusedError, UnavailableError } from "../../core/errors.ts";
import { type CircuitInputs, publicSignals } from "../../core/facts/index.ts";
import { problemBody } from "../support/problem.ts";
import { circuitBody } from "./circuits.ts";
import { toInputTexts } from "./inputs.ts";
import { jobBody } from "./job.ts";

export interface RemoteRequest {
  /** Where the prover service listens. */
  readonly url: string;
  readonly circuitVersion: number;
  readonly inputs: CircuitInputs;
  /** Hash of the verification key that is deployed for this circuit version. */
  readonly verificationKeyHash: string;
}

export interface RemoteProof {
  readonly proof: Groth16Proof;
  /** What the proof took there. */
  readonly milliseconds: number;
}

/** How often a busy or restarting service is asked again. */
const ATTEMPTS = 20;
const BUSY = new Set([202, 429, 503]);

/**
 * Has a prover service prove. The inputs, which are secret, go to that service and nowhere else.
 *
 * @throws InputError for an URL that is none; RefusedError when the inputs would cross a network in plain; UnavailableError
 *   when the service does not answer or stays too busy; CheckError when it has another key, or will not prove these inputs.
 */
export async function proveRemotely(request: RemoteRequest): Promise<RemoteProof> {
  const base = serviceUrl(request.url);
  await requireKey(base, request);
  const body = JSON.stringify({
    circuitVersion: request.circuitVersion,
    inputs: toInputTexts(request.inputs),
  });
  // Asked again after a cut connection, it is the same job.
  const headers = { "content-type": "application/json", "idempotency-key": randomUUID() };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const answer = await call(new URL("/v1/proofs", base), { method: "POST", body, headers });
    if (answer.status === 200) return proofOf(await answer.json(), request.inputs, base);
    if (!BUSY.has(answer.status)) throw await refusal(answer, base);
    await answer.body?.cancel();
    await pause(Math.min(Number(answer.headers.get("retry-after") ?? 1), 30) * 1000);
  }
  throw new UnavailableError(`${base.origin} is too busy to prove`, {
    next: "try again later, or another prover",
  });
}

function serviceUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    throw new InputError("prover: expected an http or https URL without a user or password");
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol === "http:" && !local)
    throw new RefusedError(`${url.origin}: private facts would cross the network unencrypted`, {
      next: "name the prover by https, or reach it through a tunnel that ends on this machine",
    });
  return url;
}

async function requireKey(base: URL, { circuitVersion, verificationKeyHash }: RemoteRequest): Promise<void> {
  const answer = await call(new URL("/v1/circuits", base), {});
  if (!answer.ok) throw await refusal(answer, base);
  const { circuits } = read(z.object({ circuits: z.array(circuitBody) }), await answer.json(), base);
  const circuit = circuits.find(({ version }) => version === circuitVersion);
  if (circuit?.verificationKeyHash === verificationKeyHash) return;
  throw new CheckError(
    `${base.origin}: expected the key ${verificationKeyHash} for circuit version ${circuitVersion}, ` +
      `got ${circuit?.verificationKeyHash ?? "no such version"}`,
    { next: "configure that prover with the deployed setup, or ask another" },
  );
}

/** A proof of another statement than the one that was asked for is of no use. */
function proofOf(answer: unknown, inputs: CircuitInputs, base: URL): RemoteProof {
  const { result } = read(jobBody, answer, base);
  const expected = publicSignals(inputs).map(String);
  if (result === undefined || result.signals.join() !== expected.join())
    throw new CheckError("the prover service proved another statement than the one it was asked for");
  return { proof: parseProof(result.proof), milliseconds: result.milliseconds };
}

async function call(url: URL, init: RequestInit): Promise<Response> {
  try {
    // Another place that the answer might name was not chosen by the user.
    return await fetch(url, { ...init, redirect: "error" });
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new UnavailableError(`the prover service at ${url.origin} does not answer (${errorCode(cause)})`, {
      next: "check that it runs: npx proofx prover --config FILE",
    });
  }
}

async function refusal(answer: Response, base: URL): Promise<Error> {
  const problem = problemBody.safeParse(await answer.json().catch(() => undefined)).data;
  const words = problem === undefined ? `status ${answer.status}` : `${problem.title}: ${problem.detail}`;
  const message = `${base.origin} will not prove this (${words})`;
  return problem?.code === "inputs-do-not-satisfy"
    ? new CheckError(message, { next: "the facts do not satisfy the policy; this cannot be proved" })
    : new UnavailableError(message);
}

function read<T extends z.ZodType>(schema: T, value: unknown, base: URL): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UnavailableError(`${base.origin} is no prover service`);
}
