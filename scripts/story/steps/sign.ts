import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { factsToJson } from "../../../src/core/facts/index.ts";
import { keyProviderSigner, type VesEvent } from "../../../src/core/log/index.ts";
import { openKeyProvider, passphraseFromFile } from "../../../src/keys/index.ts";
import { type Client, createClient } from "../../../src/sdk/index.ts";
import { commitToFacts, writeFactsFile } from "../../../tasks/facts/file.ts";
import { beginAleo } from "../aleo/beside.ts";
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

/**
 * What the agents did that day. The large payment breaches the threshold for transfers, and is anchored all the same. What an agent did is
 * sent in one request, so that both payments are in one batch: the chain takes no attestation of an older batch than the last one's.
 */
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
    id: "large-payment",
    agent: 1,
    entity: "payment",
    type: "payment.sent",
    amounts: ["15000", "0", "0", "0"],
    category: 2,
    what: "a payment of 15,000, above the threshold of 10,000",
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
];

export const sign: StoryStep = {
  id: "sign",
  title: "Agents commit to their facts, sign events and send them to the sequencer",
  expected: { first: 4, again: 4 },
  code: ["src/sdk/index.ts", "docs/sdk.md", "src/sequencer/ingest/ingest.ts", "src/core/log/receipt.ts"],
  async run(context) {
    const { facts, service } = context;
    facts.sequencer = await service(["sequencer"]);
    appendFileSync(PATHS.env, `export SEQUENCER="${facts.sequencer.url}"\n`);
    await registerAgents(facts);
    // It takes a while beside the steps between, and is told later; for nobody it would only slow them down.
    if (context.tells("aleo")) facts.aleo = beginAleo(facts.agents[0]?.agentId ?? "");
    facts.events = {};
    const commitments: Record<string, string> = {};
    const receipts: Record<string, string> = {};
    for (const agent of facts.agents) {
      const client = await clientOf(facts, agent, facts.credentials.agents);
      const built = new Map<string, BuiltAct>();
      for (const act of ACTS.filter((each) => facts.agents[each.agent] === agent)) {
        const one = await build(client, act);
        built.set(one.event.eventId, one);
      }
      const events = [...built.values()].map(({ event }) => event);
      for await (const outcome of client.sendMany(events)) {
        if ("error" in outcome) throw outcome.error;
        const { eventId } = outcome.event;
        const { act, commitment, factsFile } = built.get(eventId) as BuiltAct;
        const { receipt } = outcome.sent;
        facts.events[act.id] = { eventId, agentId: agent.agentId, factsFile, sequence: receipt.sequence };
        commitments[act.id] = commitment;
        receipts[act.id] = `sequence ${receipt.sequence}, ${toHex(receipt.receiptHash)}`;
      }
    }
    return {
      result: `${ACTS.length} events are in the log, each with a receipt that the agent has checked, and bound to hidden numbers`,
      inputs: Object.fromEntries(ACTS.map(({ id, what }) => [id, what])),
      outputs: { sequencer: facts.sequencer.url, "fact commitments": commitments, receipts },
    };
  },
};

interface BuiltAct {
  readonly act: Act;
  readonly event: VesEvent;
  readonly commitment: string;
  readonly factsFile: string;
}

/** The agent commits to the act's facts, which stay in a file, and signs the event. */
async function build(client: Client, act: Act): Promise<BuiltAct> {
  const { commitment, facts } = commitToFacts({ amounts: act.amounts, category: act.category });
  const factsFile = join(PATHS.work, `${act.id}.facts.json`);
  writeFactsFile(factsFile, { commitment, facts });
  const event = await client.build({
    entityType: act.entity,
    entityId: `${act.entity}-${act.id}`,
    eventType: act.type,
    payload: { note: act.what, facts: { ...factsToJson(facts) } },
    factsCommitment: fromHex("commitment", commitment, 32),
  });
  return { act, event, commitment, factsFile };
}

/** The tenant's admin opens the stream and registers each agent's key; the agent proves that it has it. */
async function registerAgents(facts: StoryFacts): Promise<void> {
  for (const [index, agent] of facts.agents.entries()) {
    const client = await clientOf(facts, agent, facts.credentials.admin);
    if (index === 0) await client.openStream();
    await client.registerKey();
  }
}

async function clientOf(facts: StoryFacts, agent: StoryAgent, credentialFile: string): Promise<Client> {
  const keys = openKeyProvider({ folder: PATHS.keys, passphrase: passphraseFromFile(PATHS.passphrase) });
  return createClient({
    url: facts.sequencer.url,
    credential: readFileSync(credentialFile, "utf8").trim(),
    tenant: facts.tenantId,
    store: facts.storeId,
    agent: { id: agent.agentId, keyId: 1, signer: await keyProviderSigner(keys, agent.key) },
  });
}
