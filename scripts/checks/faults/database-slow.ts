import type { Fault } from "../runbook/fault.ts";
import { prometheusOf } from "../runbook/prometheus.ts";

/** Each answer of the database comes so much later; a transaction has four or more, a request two transactions or more. */
const DELAY_MS = 600;
const ASK = `curl -sS -o /dev/null -H "authorization: Bearer $(cat "$ADMIN_CREDENTIAL")" "$SEQUENCER/v1/stores/$STORE/agents/a9e40000-0000-4000-8000-000000000002/keys"`;
const ASKED = 'proofx_sequencer_http_request_seconds_count{route=~".+/agents/:agent/keys"}';

export const fault: Fault = {
  what: "the way to the log's database has become slow",
  alertLabels: { service: "sequencer" },
  async before(stage) {
    await stage.sh(ASK);
    const prometheus = await prometheusOf(stage);
    await prometheus.until(
      "quick answers were not counted",
      async () => (await prometheus.query(ASKED)) !== undefined,
    );
  },
  async inject(stage) {
    stage.link.slow(DELAY_MS);
    await stage.sh(`for i in $(seq 6); do ${ASK} & done; wait`);
    return {};
  },
  async clear(stage) {
    stage.link.slow(0);
  },
};
