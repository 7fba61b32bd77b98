import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CheckError } from "../../../src/core/errors.ts";
import { ROOT } from "../support/process.ts";
import { registerPolicy } from "./policies.ts";
import type { Stage } from "./stage.ts";

const STORY = "build/story/work";
/** Acts of the story, one an agent, whose facts are files there. */
const PROVABLE = ["balance", "payment", "order"] as const;
const POLICY = "build/runbooks/any-amount.toml";

interface Policy {
  readonly id: string;
  used: number;
}

const policies = new WeakMap<Stage, Policy>();

/**
 * Proves what nobody has attested yet, for the submitter; gives the proof's file. Of each agent's facts one policy can be attested once, so
 * every third proof has a policy of its own, which allows everything that the story's events say.
 */
export async function freshProof(stage: Stage): Promise<string> {
  const policy = await policyWithRoom(stage);
  const act = PROVABLE[policy.used] ?? PROVABLE[0];
  policy.used += 1;
  const facts = `${STORY}/${act}.facts.json`;
  const { batch, eventId } = eventOf(facts);
  const file = `build/runbooks/policy-${policy.id}-${act}.proof.json`;
  await stage.sh(`npx hardhat prove --network "$NETWORK" --batch ${batch} --event ${eventId} \\
  --facts ${facts} --policy ${policy.id} --submitter "$SUBMITTER" --out ${file}`);
  return file;
}

/** The event that commits to these facts, and the batch it is in; a slow machine may have closed several. */
function eventOf(facts: string): { batch: string; eventId: string } {
  const { factsCommitment } = read<{ factsCommitment: string }>(facts);
  for (const batch of globSync(`${STORY}/batch-*.json`, { cwd: ROOT })) {
    const { events } = read<{ events: readonly { eventId: string; factsCommitment: string | null }[] }>(
      batch,
    );
    const event = events.find((each) => each.factsCommitment === factsCommitment);
    if (event !== undefined) return { batch, eventId: event.eventId };
  }
  throw new CheckError(`no batch of the story has the event of ${facts}`);
}

const read = <T>(file: string): T => JSON.parse(readFileSync(join(ROOT, file), "utf8")) as T;

async function policyWithRoom(stage: Stage): Promise<Policy> {
  const last = policies.get(stage);
  if (last !== undefined && last.used < PROVABLE.length) return last;
  writeFileSync(join(ROOT, POLICY), 'weights = [1, 0, 0, 0]\nlower = "0"\n');
  const policy = { id: await registerPolicy(stage, POLICY), used: 0 };
  policies.set(stage, policy);
  return policy;
}
