import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/process.ts";
import type { Stage } from "./stage.ts";

const FOLDER = "build/runbooks";

/** Signs an event of the payments agent as its owner would; gives the file that `event send` takes. */
export async function signEvent(stage: Stage): Promise<string> {
  const name = `${FOLDER}/event-${randomUUID()}`;
  const draft = {
    tenant_id: stage.env.TENANT,
    store_id: stage.env.STORE,
    source_agent_id: "a9e40000-0000-4000-8000-000000000002",
    event_id: randomUUID(),
    entity_type: "payment",
    entity_id: "payment-rehearsal",
    event_type: "payment.noted",
    payload: { note: "a rehearsal" },
  };
  writeFileSync(join(ROOT, `${name}.json`), JSON.stringify(draft));
  await stage.sh(`npx hardhat event sign --draft ${name}.json --key payments-agent --out ${name}.ndjson`);
  return `${name}.ndjson`;
}

/** Sends what {@link signEvent} wrote. */
export async function sendEvents(stage: Stage, file: string): Promise<void> {
  await stage.sh(
    `npx hardhat event send --events ${file} --url "$SEQUENCER" --credential build/story/work/agents.key`,
  );
}
