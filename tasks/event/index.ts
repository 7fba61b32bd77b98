import { option, proofxTask, taskGroup } from "../support/declare.ts";

export const eventTasks = [
  taskGroup("event", "Events: what agents sign"),
  proofxTask(
    ["event", "sign"],
    "Sign an event as an agent and append it to a file of events (one JSON a line)",
  )
    .addOption(
      option(
        "draft",
        "Required. JSON file: tenant_id, store_id, source_agent_id, entity_type, entity_id, event_type, payload",
      ),
    )
    .addOption(
      option(
        "facts",
        "Facts file from `facts commit`: the event is bound to its commitment, and its payload holds facts and salt",
      ),
    )
    .addOption(option("key", "Required. Name of the agent's ed25519 keystore key"))
    .addOption(option("out", "Required. File of events to append to"))
    .setAction(() => import("./sign.ts"))
    .build(),
  proofxTask(
    ["event", "send"],
    "Send signed events to a sequencer, one after the other, and check their receipts; again changes nothing",
  )
    .addOption(
      option("events", "Required. File of signed events, one JSON a line, all of one tenant and store"),
    )
    .addOption(option("url", "Required. Where the sequencer listens"))
    .addOption(option("credential", "Required. File of mode 0600 with an API key that may write events"))
    .setAction(() => import("./send.ts"))
    .build(),
  proofxTask(
    ["event", "list"],
    "List all events of a stream, or those of one agent or one of its keys: what to audit when a key is stolen",
  )
    .addOption(option("url", "Required. Where the sequencer listens"))
    .addOption(option("credential", "Required. File of mode 0600 with an API key that may read events"))
    .addOption(option("tenant", "Required. UUID of the stream's tenant"))
    .addOption(option("store", "Required. UUID of the stream's store"))
    .addOption(option("agent", "UUID of the agent whose events are wanted (default: all)"))
    .addOption(option("keyId", "Number of the agent's key that they are signed with (default: any)"))
    .addOption(option("from", "Sequence number of the first (default: 1)"))
    .setAction(() => import("./list.ts"))
    .build(),
];
