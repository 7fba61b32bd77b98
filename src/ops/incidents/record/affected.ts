import { readFileSync } from "node:fs";
import { z } from "zod";
import { errorCode, InputError, UnavailableError } from "../../../core/errors.ts";
import { readFields } from "../../../core/json.ts";

const fallen = z.looseObject({
  agent: z.string(),
  streamId: z.string(),
  policyId: z.union([z.string(), z.number()]),
});
const unnamed = z.looseObject({ subject: z.union([z.string(), z.number()]), transactionHash: z.string() });
const answered = z.looseObject({
  incident: z.string(),
  network: z.string(),
  begunAt: z.string(),
  given: z.record(z.string(), z.string()),
  steps: z.record(
    z.string(),
    z.looseObject({
      finishedAt: z.string(),
      seconds: z.number(),
      lines: z.array(z.string()),
      data: z.looseObject({ fallen: z.array(fallen).optional(), unnamed: z.array(unnamed).optional() }),
    }),
  ),
});

/** What an answered incident (`incident signer-compromise` and the like) left in its state file. */
export type AnsweredIncident = z.output<typeof answered>;

/** @throws UnavailableError when it cannot be read; InputError for another file. */
export function readAnswered(path: string): AnsweredIncident {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw InputError.expected(path, "an incident's state file", "no JSON");
    throw new UnavailableError(`${path} cannot be read (${errorCode(cause)})`, { cause });
  }
  return readFields(answered, content, path);
}

/** Somebody who has to be told. */
export interface Affected {
  readonly who: string;
  readonly why: string;
}

/** Who has to prove again by what an answer found, and the tenants that were named; each once. */
export function affectedBy(answers: readonly AnsweredIncident[], tenants: readonly string[]): Affected[] {
  const all = new Map<string, Affected>();
  const add = (one: Affected): unknown => all.set(`${one.who}/${one.why}`, one);
  for (const { steps } of answers) {
    const { fallen = [], unnamed = [] } = steps.list?.data ?? {};
    for (const { agent, policyId, streamId } of fallen)
      add({ who: `agent ${agent}`, why: `has to prove again for policy ${policyId} (stream ${streamId})` });
    for (const { subject, transactionHash } of unnamed)
      add({
        who: `subject ${subject}`,
        why: `may have to prove again: ask the sender of ${transactionHash}`,
      });
  }
  for (const tenant of tenants) add({ who: `tenant ${tenant}`, why: "is affected" });
  return [...all.values()];
}
