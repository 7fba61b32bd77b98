import { setTimeout as sleep } from "node:timers/promises";
import { type ActsParts, recordActs } from "../../sequencer/audit/index.ts";
import type { Logger } from "../support/log.ts";

/** Milliseconds between two looks for acts. */
const LOOK = 5_000;

/** Writes administrative acts into the operator's stream as they come, until the signal; a fault is said once and tried again. */
export async function recordActsUntil(
  signal: AbortSignal,
  parts: ActsParts & { readonly logger: Logger },
): Promise<void> {
  let said = false;
  while (!signal.aborted) {
    try {
      const acts = await recordActs(parts);
      if (acts > 0) parts.logger.info({ acts }, "written down");
      said = false;
    } catch (err) {
      if (!said) parts.logger.warn({ err }, "administrative acts could not be written down; they are kept");
      said = true;
    }
    await sleep(LOOK, undefined, { signal }).catch(() => undefined);
  }
}
