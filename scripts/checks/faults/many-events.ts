import { type Fault, shellFault } from "../runbook/fault.ts";
import { prometheusOf } from "../runbook/prometheus.ts";

/** Beside so many within a quarter of an hour, less than a fifth is usual. */
const MANY = 150;
const USUAL = 'rate(proofx_sequencer_events_accepted_total{repeat="false"}[1440s] offset 15s)';

export const fault: Fault = {
  ...shellFault(
    `${MANY} events come in at once, where there were a few`,
    `node scripts/planted/many-events.ts --count ${MANY}`,
  ),
  beside: true,
  async before(stage) {
    const prometheus = await prometheusOf(stage);
    await prometheus.until(
      "what is usual is not known",
      async () => (await prometheus.query(USUAL)) !== undefined,
    );
  },
};
