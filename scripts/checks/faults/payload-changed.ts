import { sendEvents, signEvent } from "../runbook/events.ts";
import type { Fault } from "../runbook/fault.ts";
import type { Stage } from "../runbook/stage.ts";

/** More than the higher one of the two limits. */
const READS = 24;

let changed: bigint | undefined;

export const fault: Fault = {
  what: "a bit of a sealed payload is flipped in the database, and somebody keeps reading it",
  async inject(stage) {
    await sendEvents(stage, await signEvent(stage));
    const [newest] = await stage.database.query(
      "SELECT max(sequence) AS sequence FROM proofx.events WHERE event_type = 'payment.noted' AND length(payload) > 0",
    );
    changed = BigInt(String(newest?.sequence));
    await flip(stage, changed);
    await stage.sh(`for i in $(seq ${READS}); do
  curl -sS -o /dev/null "$SEQUENCER/v1/stores/$STORE/events?from=${changed}&limit=1" -H "authorization: Bearer $(cat "$ADMIN_CREDENTIAL")"
done`);
    return { SEQUENCE: String(changed) };
  },
  // As the last backup has it.
  async clear(stage) {
    if (changed !== undefined) await flip(stage, changed);
    changed = undefined;
  },
};

async function flip({ database, env }: Stage, sequence: bigint): Promise<void> {
  await database.query(
    `UPDATE proofx.events SET payload = set_bit(payload, 8 * length(payload) - 1, 1 - get_bit(payload, 8 * length(payload) - 1))
     WHERE store_id = '${env.STORE}' AND sequence = ${sequence}`,
  );
}
