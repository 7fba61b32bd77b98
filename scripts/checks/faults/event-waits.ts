import { sendEvents, signEvent } from "../runbook/events.ts";
import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "the log's stream is suspended, and an event waits for its anchor",
  alertLabels: { cause: "suspended" },
  async inject(stage) {
    const stream = await stage.sh("node -p 'require(\"./build/story/work/batch-1.json\").streamId'");
    await stage.sh(
      `npx hardhat stream anchorer --network "$NETWORK" --stream ${stream} --suspend --key admin`,
    );
    await sendEvents(stage, await signEvent(stage));
    await stage.sh(
      `for i in $(seq 60); do curl -sS "$SEQUENCER/metrics" | grep -q 'streams_waiting{cause="suspended".*} 1' && exit; sleep 0.5; done; exit 1`,
    );
    return { STREAM: stream, ANCHORER: stage.addresses.anchorer ?? "" };
  },
  async watched(stage) {
    // The least that the setting allows.
    await stage.sh("sleep 11");
    return { health: "anchor_late = 10" };
  },
};
