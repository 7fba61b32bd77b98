import { join } from "node:path";
import { PATHS, type StoryFacts, type StoryStep } from "../context.ts";

interface ProveJson {
  readonly signals: readonly string[];
  readonly proveMilliseconds: number;
}

/** Which act is proved against which policy. */
export const CLAIMS = [
  { act: "balance", policy: "capital-adequacy" },
  { act: "payment", policy: "aml-threshold" },
  { act: "order", policy: "order-cap" },
] as const;

/** Options of `prove` for an act and a policy. */
export function proveOptions(
  facts: StoryFacts,
  act: string,
  policy: string,
  out: string,
): Record<string, string> {
  const event = facts.events[act];
  if (event === undefined) throw new Error(`act ${act} was not signed`);
  return {
    network: "story",
    batch: facts.batchFiles[act] ?? "",
    event: event.eventId,
    facts: event.factsFile,
    policy: facts.policies[policy] ?? "",
    submitter: facts.accounts.submitter ?? "",
    out,
  };
}

export const prove: StoryStep = {
  id: "prove",
  title: "Prove that three committed events satisfy their policies",
  expected: { first: 6, again: 5 },
  code: ["tasks/attestation/prove.ts", "src/compliance/index.ts", "circuits/templates/compliance.circom"],
  async run({ task, facts }) {
    facts.proofFiles = {};
    const signals: Record<string, readonly string[]> = {};
    const proveOne = async ({ act, policy }: (typeof CLAIMS)[number]) => {
      const out = join(PATHS.work, `${act}.proof.json`);
      const proved = await task<ProveJson>(["prove"], proveOptions(facts, act, policy, out));
      facts.proofFiles[act] = out;
      signals[`${act} satisfies ${policy}`] = proved.signals;
    };
    await Promise.all(CLAIMS.map(proveOne));
    return {
      result: `${CLAIMS.length} proofs, which show nothing of the numbers`,
      inputs: {
        "private to the prover": "amounts, category, salt, sequence, path",
        batches: facts.batchFiles,
      },
      outputs: { "public signals (facts root, policy hash, subject, context)": signals },
    };
  },
};
