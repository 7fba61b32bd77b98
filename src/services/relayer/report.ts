import type { RelayEvents } from "../../chain/relay/context.ts";
import type { SubmissionRecord } from "../../chain/relay/record.ts";
import { RpcFault } from "../../chain/relay/rpc.ts";
import type { Logger } from "../support/log.ts";
import type { RelayerCounters } from "./metrics.ts";

/** Counts what happens and logs it: ids, states and causes, never what clients sent. */
export function eventsOf(counters: RelayerCounters, log: Logger): RelayEvents {
  const nonce = (record: SubmissionRecord) => ({ id: record.id, nonce: record.account?.nonce });
  return {
    replaced: (record) => {
      counters.replacements.inc();
      log.info(nonce(record), "replaced by a transaction that pays more");
    },
    reorganised: (record) => {
      counters.reorganisations.inc();
      log.warn(nonce(record), "a reorganisation took the transaction back; it is sent again");
    },
    nonceTaken: (record) => {
      counters.noncesTaken.inc();
      log.error(nonce(record), "another program uses the sender's key: its transaction took this nonce");
    },
    ended: (record) => {
      const cause = record.failure?.cause ?? "";
      counters.ended.inc({ state: record.state, cause });
      if (record.inclusion?.gasUsed !== undefined) counters.gas.observe(Number(record.inclusion.gasUsed));
      log.info({ id: record.id, state: record.state, cause }, "ended");
    },
    waits: (record, { cause }) => {
      counters.waits.inc({ cause });
      log.info({ id: record.id, cause }, "waits");
    },
    contradicted: () => {
      counters.contradictions.inc();
      log.error("a node told something that the chain does not bear out");
    },
    troubled: (error) => {
      // Faults of nodes are counted by endpoint, and there may be one each second.
      if (error instanceof RpcFault) log.debug({ kind: error.kind }, error.message);
      else log.error({ err: error }, "the relayer met an error and goes on");
    },
  };
}
