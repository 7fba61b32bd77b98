import type { StateSource } from "../../../monitors/rule.ts";
import { type Series, seriesOf } from "../case.ts";

/** A moment, and the subjects that the state's alert speaks of then. */
export interface Moment {
  readonly at: string;
  readonly speaks: readonly string[];
}

/** The story of one state. */
export interface StateStory {
  readonly series: readonly Series[];
  readonly moments: readonly Moment[];
}

/**
 * Minutes: two subjects are in breach from 15 on; the watcher is killed at 20 and back at 90; it looks at 94; one subject is no
 * longer among those it looks at from 105 on, the other one's breach is over at 119.
 */
export function storyOf({ probe }: StateSource): StateStory {
  const breached = (values: string, subject: string, of = probe): Series => [
    seriesOf("watcher", "probe_breached", `probe="${of}",subject="${subject}"`),
    values,
  ];
  return {
    series: [
      breached("0x14 1x4 stale _x73 1x24 0x30", "ends"),
      breached("0x14 1x4 stale _x73 1x10 stale", "removed"),
      breached("0x19 stale _x73 0x60", "never"),
      breached("1x19 stale _x73 1x60", "another's", "another-probe"),
      [seriesOf("watcher", "process_start_time_seconds"), "0x19 stale _x69 5400x60"],
    ],
    moments: [
      { at: "14m", speaks: [] },
      // The watcher has told of it by itself; Prometheus gives it two minutes.
      { at: "16m", speaks: [] },
      { at: "18m", speaks: ["ends", "removed"] },
      // Dead: that ends nothing.
      { at: "60m", speaks: ["ends", "removed"] },
      // Back, but it has not looked yet.
      { at: "92m", speaks: ["ends", "removed"] },
      { at: "103m", speaks: ["ends", "removed"] },
      { at: "107m", speaks: ["ends"] },
      { at: "121m", speaks: [] },
    ],
  };
}
