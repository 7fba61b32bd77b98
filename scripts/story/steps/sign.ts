import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { commitToFacts, writeFactsFile } from "../../../tasks/facts/file.ts";
import { PATHS, type StoryAgent, type StoryFacts, type StoryStep } from "../context.ts";

interface Act {
  readonly id: string;
  readonly agent: number;
  readonly entity: string;
  readonly type: string;
  readonly amounts: readonly [string, string, string, string];
  readonly category: number;
  readonly what: string;
}

/** What the agents did that day. The last one breaches the threshold for transfers, and is anchored all the same. */
export const ACTS: readonly Act[] = [
  {
    id: "balance",
    agent: 0,
    entity: "balance",
    type: "balance.reported",
    amounts: ["12500000", "9750000", "0", "0"],
    category: 1,
    what: "the treasury reports assets of 12,500,000 against liabilities of 9,750,000",
  },
  {
    id: "payment",
    agent: 1,
    entity: "payment",
    type: "payment.sent",
    amounts: ["8400", "0", "0", "0"],
    category: 2,
    what: "a payment of 8,400",
  },
  {
    id: "order",
    agent: 2,
    entity: "order",
    type: "order.placed",
    amounts: ["41000", "250", "7790", "0"],
    category: 4,
    what: "an order of 41,000 with a fee of 250 and a tax of 7,790",
  },
  {
    id: "large-payment",
    agent: 1,
    entity: "payment",
    type: "payment.sent",
    amounts: ["15000", "0", "0", "0"],
    category: 2,
    what: "a payment of 15,000, above the threshold of 10,000",
  },
];

export const sign: StoryStep = {
  id: "sign",
  title: "Agents commit to their facts and sign events",
  expected: { first: 3, again: 3 },
  code: ["tasks/facts/commit.ts", "tasks/event/sign.ts", "src/core/log/index.ts", "src/core/facts/index.ts"],
  async run({ task, facts }) {
    facts.eventsFile = join(PATHS.work, "events.ndjson");
    facts.agentsFile = join(PATHS.work, "agents.json");
    const keys = facts.agents.map(({ agentId, publicKey }) => ({ agentId, keyId: 1, publicKey }));
    writeFileSync(facts.agentsFile, `${JSON.stringify(keys, null, 2)}\n`);
    facts.events = {};
    const commitments: Record<string, string> = {};
    for (const act of ACTS) {
      const agent = agentOf(facts, act);
      const committed = commitToFacts({ amounts: act.amounts, category: act.category });
      const factsFile = join(PATHS.work, `${act.id}.facts.json`);
      writeFactsFile(factsFile, committed);
      const draftFile = join(PATHS.work, `${act.id}.draft.json`);
      writeFileSync(draftFile, JSON.stringify(draft(facts, act, agent), null, 2));
      const signed = await task<{ eventId: string }>(["event", "sign"], {
        draft: draftFile,
        facts: factsFile,
        key: agent.key,
        out: facts.eventsFile,
      });
      facts.events[act.id] = { eventId: signed.eventId, agentId: agent.agentId, factsFile };
      commitments[act.id] = committed.commitment;
    }
    return {
      result: `${ACTS.length} events are signed; each is bound to a commitment that hides its numbers`,
      inputs: Object.fromEntries(ACTS.map(({ id, what }) => [id, what])),
      outputs: { "fact commitments": commitments, events: facts.eventsFile },
    };
  },
};

function agentOf({ agents }: StoryFacts, { agent, id }: Act): StoryAgent {
  const found = agents[agent];
  if (found === undefined) throw new Error(`act ${id} names an agent that was not made`);
  return found;
}

function draft({ tenantId, storeId }: StoryFacts, act: Act, agent: StoryAgent): object {
  return {
    tenant_id: tenantId,
    store_id: storeId,
    source_agent_id: agent.agentId,
    entity_type: act.entity,
    entity_id: `${act.entity}-${act.id}`,
    event_type: act.type,
    payload: { note: act.what },
  };
}
