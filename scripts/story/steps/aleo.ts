import { readFileSync } from "node:fs";
import { bindAgent } from "../../../src/aleo/bridge/bind.ts";
import { recordsOf, sendRecords } from "../../../src/aleo/bridge/records.ts";
import { agentRegistry, aleoAccount, openLedger } from "../../../src/aleo/index.ts";
import { aleoSignatures } from "../../../src/aleo/signatures.ts";
import type { AleoSigner } from "../../../src/core/aleo/index.ts";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { CheckError } from "../../../src/core/errors.ts";
import { keyProviderSigner } from "../../../src/core/log/index.ts";
import { openKeyProvider, passphraseFromFile } from "../../../src/keys/index.ts";
import { createClient } from "../../../src/sdk/index.ts";
import { ALEO_KEY, type AleoTold } from "../aleo/told.ts";
import { PATHS, type StepReport, type StoryFacts, type StoryStep } from "../context.ts";

const YEAR = 31_536_000n;

export const aleo: StoryStep = {
  id: "aleo",
  title:
    "An agent stakes and is verified on a ledger of Aleo's; both its keys bind it to its name in the log",
  expected: { first: 8, again: 8 },
  code: [
    "leo/agent_registry/src/main.leo",
    "src/core/aleo/book.ts",
    "src/aleo/bridge/bind.ts",
    "docs/aleo-bridge.md",
  ],
  async run({ facts }) {
    const { aleo: beside } = facts;
    if (beside === undefined) throw new Error("no ledger was begun");
    if (!beside.there) {
      return {
        result: `Not told here: ${beside.reason}. To have it: ${beside.next}`,
        inputs: {},
        outputs: { "left out": beside.reason, next: beside.next },
      };
    }
    try {
      return await tell(facts, await beside.told);
    } finally {
      await beside.stop();
    }
  },
};

async function tell(facts: StoryFacts, told: AleoTold): Promise<StepReport> {
  const keys = openKeyProvider({ folder: PATHS.keys, passphrase: passphraseFromFile(PATHS.passphrase) });
  const [treasury] = facts.agents;
  if (treasury === undefined) throw new Error("the story has no agent");
  const agent = { id: treasury.agentId, keyId: 1, signer: await keyProviderSigner(keys, treasury.key) };
  const log = createClient({
    url: facts.sequencer.url,
    credential: readFileSync(facts.credentials.agents, "utf8").trim(),
    tenant: facts.tenantId,
    store: facts.storeId,
    agent,
  });
  const account = await aleoAccount(keys, ALEO_KEY);
  const signer: AleoSigner = { address: account.address, sign: async (message) => account.sign(message) };
  const ledger = openLedger(told.url);
  const place = {
    network: ledger.address.network,
    program: agentRegistry.id,
    streamId: fromHex("stream id", facts.streamId, 32),
  };
  const work = { log, place, signatures: await aleoSignatures() };
  const { record } = await bindAgent(work, agent, signer, YEAR);
  const recorded = [];
  for (const id of [told.registration, told.execution]) {
    const confirmed = await ledger.confirmation(id);
    if (confirmed === undefined) throw new CheckError(`${id} is in no block of the story's ledger`);
    recorded.push(...(await sendRecords(log, await recordsOf(ledger, place.network, confirmed))));
  }
  facts.aleoBinding = { agentId: agent.id, address: record.binding.aleoAddress, records: recorded.length };
  return {
    result: `${treasury.name} holds a stake of ${told.stake} microcredits, scores ${told.score} without showing why, and its execution has trust ${told.trust}`,
    inputs: { agent: agent.id, "Aleo account": told.address, "ledger (ended with this step)": told.url },
    outputs: {
      "register_agent, transaction": told.registration,
      "verify_execution, transaction": told.execution,
      "binding that both keys signed": `sequence ${record.sequence}, ${toHex(record.hash)}`,
      "recorded in the log": recorded.map(
        ({ record: { kind }, sequence }) => `${kind}, sequence ${sequence ?? "there before"}`,
      ),
    },
  };
}
