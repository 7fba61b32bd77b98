import { InputError } from "../../core/errors.ts";
import type { KeyProvider } from "../../core/ports.ts";
import type { Store } from "../../sequencer/store/index.ts";
import { startAnchoring, startClosing } from "../anchor/anchoring.ts";
import type { AnchorSettings } from "../anchor/settings.ts";
import type { Logger } from "../support/log.ts";
import type { Metrics } from "../support/metrics.ts";
import type { SequencerSettings } from "./settings.ts";

/** What closes batches in this process. */
export interface Hosted {
  /** Why it cannot work right now, in words. */
  obstacles(): readonly string[];
  close(): Promise<void>;
}

export interface HostingParts {
  readonly store: Store;
  readonly keys: KeyProvider;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The `[anchor]` section; read only when it is wanted. */
  readonly anchor?: (() => AnchorSettings) | undefined;
}

/** Seconds between two looks for batches that are due. */
const POLL = 2;

/**
 * Closes batches here, or closes and anchors them: the embedded database is open in one process, so nobody else can. With
 * PostgreSQL `proofx anchor` does it.
 *
 * @throws InputError when anchoring is asked for without its settings; whatever `startAnchoring` throws.
 */
export async function hostBatches(settings: SequencerSettings, parts: HostingParts): Promise<Hosted> {
  const { store, keys, log, metrics, anchor } = parts;
  if (settings.batches === "anchor") {
    if (anchor === undefined) throw InputError.expected("anchor", "a section [anchor]", undefined);
    const running = await startAnchoring(store, anchor(), keys, log, metrics);
    return { obstacles: () => running.obstacles(), close: () => running.close(settings.http.stop_timeout) };
  }
  if (settings.batches === "elsewhere") return { obstacles: () => [], close: async () => {} };
  const { batch_size, batch_age } = settings;
  const closer = startClosing(
    store,
    { batch_size, batch_age, poll: POLL },
    {
      closed: (batch) => log.info(batch, "closed"),
      troubled: (error) => log.error({ err: error }, "a look for due batches failed"),
    },
  );
  return {
    obstacles: () => (closer.fault === undefined ? [] : [`batches cannot be closed: ${closer.fault}`]),
    close: () => closer.stop(),
  };
}
