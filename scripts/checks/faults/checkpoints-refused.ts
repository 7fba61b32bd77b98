import { sendEvents, signEvent } from "../runbook/events.ts";
import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "whoever looks after the database took away the right to store checkpoints",
  async inject(stage) {
    const file = await signEvent(stage);
    await stage.database.query("REVOKE INSERT ON proofx.checkpoints FROM proofx_app");
    await sendEvents(stage, file);
    return {};
  },
  async clear(stage) {
    await stage.database.query("GRANT INSERT ON proofx.checkpoints TO proofx_app");
  },
};
