import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { CheckError } from "../../src/core/errors.ts";
import { keyProviderSigner } from "../../src/core/log/index.ts";
import { openConfiguredKeys, readKeysSettings } from "../../src/keys/index.ts";
import { createClient, type VesEvent } from "../../src/sdk/index.ts";

/**
 * Sends many events of the story's payments agent to its log in one request, signed, or with signatures that are not its own. It
 * ends well when all were taken, or the forged ones all refused.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { count: { type: "string" }, forged: { type: "boolean" } } });
  const { SEQUENCER = "", TENANT = "", STORE = "", PROOFX_CONFIG = "" } = process.env;
  const { keys } = openConfiguredKeys(readKeysSettings(PROOFX_CONFIG));
  const client = createClient({
    url: SEQUENCER,
    tenant: TENANT,
    store: STORE,
    credential: readFileSync("build/story/work/agents.key", "utf8").trim(),
    agent: {
      id: "a9e40000-0000-4000-8000-000000000002",
      keyId: 1,
      signer: await keyProviderSigner(keys, "payments-agent"),
    },
  });
  const events: VesEvent[] = [];
  for (let i = 0; i < Number(values.count); i++) {
    const draft = { entityType: "payment", entityId: `many-${i}`, eventType: "payment.noted" };
    const event = await client.build({ ...draft, payload: { note: "one of many" } });
    events.push(values.forged === true ? { ...event, agentSignature: new Uint8Array(64).fill(0x11) } : event);
  }
  let refused = 0;
  for await (const outcome of client.sendMany(events)) if ("error" in outcome) refused++;
  if (refused !== (values.forged === true ? events.length : 0))
    throw new CheckError(`the log refused ${refused} of ${events.length} events`);
}

await main();
