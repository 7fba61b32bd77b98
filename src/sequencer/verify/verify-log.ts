import type { ChainSource } from "./chain.ts";
import type { OpenPayload } from "./check-event.ts";
import { type Fault, FaultFound } from "./fault.ts";
import type { LogSource } from "./source.ts";
import { StreamCheck, type StreamReport } from "./verify-stream.ts";

export interface VerifyOptions {
  readonly source: LogSource;
  /** Compares with it; without it, anchors are not looked at. */
  readonly chain?: ChainSource | undefined;
  /** Opens payloads; without it they are not looked at, and the table of keys is believed. */
  readonly open?: OpenPayload | undefined;
  /** Only this tenant's, or only this stream. UUIDs. */
  readonly tenant?: string | undefined;
  readonly store?: string | undefined;
  /** Gets how many events of a stream were checked, now and then. */
  readonly onProgress?: (stream: string, events: bigint, of: bigint) => void;
}

export interface LogReport {
  /** Streams that hold, whole. */
  readonly streams: readonly StreamReport[];
  /** The first entry that does not hold; what comes after it was not looked at. */
  readonly fault: Fault | undefined;
}

/**
 * Reads a log again and checks everything in it, stream by stream and entry by entry, in order.
 *
 * @throws UnavailableError when the source or the chain does not answer.
 */
export async function verifyLog(options: VerifyOptions): Promise<LogReport> {
  const { source, chain, open, tenant, store, onProgress = () => undefined } = options;
  // One after another: they share a transaction's connection.
  const all = await source.streams();
  const logName = await source.logName();
  const serviceKeys = await source.serviceKeys();
  const chosen = all.filter(
    (row) => (tenant ?? row.tenant_id) === row.tenant_id && (store ?? row.store_id) === row.store_id,
  );
  const streams: StreamReport[] = [];
  for (const row of chosen) {
    const check = new StreamCheck(row, { source, chain, open, logName, serviceKeys, onProgress });
    try {
      streams.push(await check.run());
    } catch (error) {
      if (error instanceof FaultFound) return { streams, fault: error.fault };
      throw error;
    }
  }
  return { streams, fault: undefined };
}
