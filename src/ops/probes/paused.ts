import { timeText } from "../../chain/changes/index.ts";
import { connect } from "../../chain/contracts.ts";
import type { Probe } from "../alerts/finding.ts";
import type { ChainView } from "./chain.ts";
import { ageText, lookAt } from "./finding.ts";

/** Whether attesting is paused; the figure is the seconds it still lasts. */
export function pausedProbe(chain: ChainView): Probe {
  return {
    name: "paused",
    every: 15,
    look: async () => [
      await lookAt("", async () => {
        const { paused, until, left, block } = await readPause(chain);
        if (!paused) return { breached: false, summary: "attesting is not paused", value: 0, block };
        return {
          breached: true,
          block,
          summary: `attesting is paused until ${timeText(until)}`,
          value: left,
          details: { until: timeText(until) },
        };
      }),
    ],
  };
}

/**
 * Whether a pause, a guardian's or the admin's, is about to run out by itself; the figure is the seconds left.
 *
 * @param within Seconds before its end from which it is told.
 */
export function pauseEndingProbe(chain: ChainView, within: number): Probe {
  return {
    name: "guardian-pause-ending",
    every: 60,
    look: async () => [
      await lookAt("", async () => {
        const { paused, until, left } = await readPause(chain);
        if (!paused) return { breached: false, summary: "attesting is not paused" };
        return {
          breached: left <= within,
          summary: `the pause ends by itself in ${ageText(left)}, at ${timeText(until)}; told ${ageText(within)} before`,
          value: left,
          details: { until: timeText(until) },
        };
      }),
    ],
  };
}

/** By the chain's own time: a pause ends with the first block at or after its end. */
async function readPause(chain: ChainView): Promise<{
  readonly paused: boolean;
  readonly until: bigint;
  readonly left: number;
  /** As of which it is so. */
  readonly block: number;
}> {
  const { verifier } = connect(chain.deployment, chain.provider);
  const { number, timestamp } = await chain.head();
  const until = await chain.ask(() => verifier.pausedUntil({ blockTag: number }));
  const left = Number(until) - timestamp;
  return { paused: left > 0, until, left: Math.max(0, left), block: number };
}
