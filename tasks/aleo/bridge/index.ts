import { option, proofxTask } from "../../support/declare.ts";
import { aleoChangeTask, aleoTask } from "../support/declare.ts";

const LOG = {
  url: option("url", "Required. Where the sequencer listens"),
  credential: option("credential", "Required. File of mode 0600 with an API key of the tenant"),
  tenant: option("tenant", "Required. The stream's tenant, UUID"),
  store: option("store", "Required. The stream's store, UUID"),
} as const;

const AGENT = {
  agent: option("agent", "Required. The agent, UUID"),
  agentKey: option(
    "agentKey",
    "Required. Name of the agent's ed25519 key, which is registered in the stream",
  ),
  agentKeyId: option("agentKeyId", "Which of the agent's registered keys that is (default: 1)"),
} as const;

/** Starts the declaration of a task about a stream of the log and a ledger. */
function bridgeTask(id: string[], description: string) {
  return aleoTask(id, description)
    .addOption(LOG.url)
    .addOption(LOG.credential)
    .addOption(LOG.tenant)
    .addOption(LOG.store);
}

const bindingTasks = [
  bridgeTask(
    ["aleo", "bind"],
    "Bind an agent to an Aleo account: both keys sign, and the log keeps it; again changes nothing",
  )
    .addOption(AGENT.agent)
    .addOption(AGENT.agentKey)
    .addOption(AGENT.agentKeyId)
    .addOption(option("key", "Required. Name of the key (algorithm aleo) of the account"))
    .addOption(option("lifetime", "Seconds for which the binding counts (default: 31536000, a year)"))
    .setAction(() => import("./bind.ts"))
    .build(),
  bridgeTask(
    ["aleo", "unbind"],
    "End an agent's binding: by the agent's key, or with --key by the account's, which any agent may send",
  )
    .addOption(AGENT.agent)
    .addOption(AGENT.agentKey)
    .addOption(AGENT.agentKeyId)
    .addOption(
      option("key", "Name of the key (algorithm aleo) of the account, when it is the one that ends it"),
    )
    .addOption(option("sender", "The agent that sends it, and whose key --agent-key is (default: --agent)"))
    .setAction(() => import("./unbind.ts"))
    .build(),
  bridgeTask(
    ["aleo", "bindings"],
    "List who is bound to whom, each checked: receipt, registered key, both signatures; and what does not count, and why",
  )
    .addFlag({
      name: "check",
      description:
        "Compare with the registry on the ledger: exits with 1 when another account owns an agent there",
    })
    .setAction(() => import("./bindings.ts"))
    .build(),
  bridgeTask(
    ["aleo", "record"],
    "Record in the log what transactions said about agents' trust and stakes, each fact once however often it is run",
  )
    .addOption(option("transaction", "Required. Id of a transaction, at1..., or several, comma separated"))
    .addOption({ ...AGENT.agent, description: "Required. The agent that records it, UUID" })
    .addOption(AGENT.agentKey)
    .addOption(AGENT.agentKeyId)
    .setAction(() => import("./record.ts"))
    .build(),
  proofxTask(
    ["aleo", "schemas"],
    "Print the JSON Schemas of the events about Aleo, to be registered with a sequencer",
  )
    .setAction(() => import("./schemas.ts"))
    .build(),
];

const attestorTasks = [
  aleoChangeTask(
    ["aleo", "attest"],
    "As the attestor: bring Aleo's word about an agent in line with the chain's of --network: write, renew or revoke",
  )
    .addOption(LOG.url)
    .addOption(LOG.credential)
    .addOption(LOG.tenant)
    .addOption(LOG.store)
    .addOption(AGENT.agent)
    .addOption(option("policy", "Required. Id of the policy whose attestation counts"))
    .addOption(
      option("maxAge", "Seconds: the attested batch was anchored within them (default: 86400, a day)"),
    )
    .addOption(option("confirmations", "Blocks that the attestation must be deep on the chain (default: 12)"))
    .addOption(
      option(
        "lifetime",
        "Blocks for which it counts on Aleo (default: 28800 on mainnet, a day; 900 elsewhere)",
      ),
    )
    .addOption(option("watch", "Seconds: look again after them, until interrupted"))
    .setAction(() => import("./attest.ts"))
    .build(),
  aleoChangeTask(
    ["aleo", "attest", "revoke"],
    "As the attestor or the admin: take an agent's attestation on Aleo away, whatever the chain says",
  )
    .addOption(AGENT.agent)
    .setAction(() => import("./revoke.ts"))
    .build(),
];

/** What joins the log, the verifier's chain and Aleo (docs/aleo-bridge.md). */
export const bridgeTasks = [...bindingTasks, ...attestorTasks];
