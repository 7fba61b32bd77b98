import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { signEvent } from "../runbook/events.ts";
import type { Fault } from "../runbook/fault.ts";
import { ROOT } from "../support/process.ts";

export const fault: Fault = {
  what: "events come in whose signatures are not their agents'",
  async inject(stage) {
    const file = await signEvent(stage);
    const event = JSON.parse(readFileSync(join(ROOT, file), "utf8")) as { agent_signature: string };
    const forged = { ...event, agent_signature: `0x${"11".repeat(64)}` };
    writeFileSync(join(ROOT, file), `${JSON.stringify(forged)}\n`);
    await stage.sh(
      `! npx hardhat event send --events ${file} --url "$SEQUENCER" --credential build/story/work/agents.key`,
    );
    return {};
  },
};
