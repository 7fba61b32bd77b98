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
 * Minutes: three subjects are in breach from 15 on; the watcher is killed at 20 and back at 90; it looks at 94. From 105 on one
 * subject is no longer among those it looks at, and the look at another fails; from 131 to 145 every look fails. The breach of
 * the third is over at 119.
 */
export function storyOf({ probe }: StateSource): StateStory {
  const breached = (values: string, subject: string, of = probe): Series => [
    seriesOf("watcher", "probe_breached", `probe="${of}",subject="${subject}"`),
    values,
  ];
  const failed = (values: string, subject: string): Series => [
    seriesOf("watcher", "probe_failed", `probe="${probe}"${subject === "" ? "" : `,subject="${subject}"`}`),
    values,
  ];
  return {
    series: [
      [seriesOf("watcher", "silenced", 'rule="AnotherRule"'), "1x150"],
      breached("0x14 1x4 stale _x73 1x24 0x11 stale", "ends"),
      breached("0x14 1x4 stale _x73 1x10 stale", "removed"),
      breached("0x14 1x4 stale _x73 1x10 stale", "unknown"),
      breached("0x19 stale _x73 0x60", "never"),
      breached("1x19 stale _x73 1x60", "another's", "another-probe"),
      failed("_x105 1x25 stale", "unknown"),
      failed("_x131 1x14 stale", ""),
      [seriesOf("watcher", "process_start_time_seconds"), "0x19 stale _x69 5400x60"],
    ],
    moments: [
      { at: "14m", speaks: [] },
      // The watcher has told of it by itself; Prometheus gives it two minutes.
      { at: "16m", speaks: [] },
      { at: "18m", speaks: ["ends", "removed", "unknown"] },
      // Dead: that ends nothing.
      { at: "60m", speaks: ["ends", "removed", "unknown"] },
      // Back, but it has not looked yet.
      { at: "92m", speaks: ["ends", "removed", "unknown"] },
      { at: "103m", speaks: ["ends", "removed", "unknown"] },
      { at: "107m", speaks: ["ends", "unknown"] },
      { at: "121m", speaks: ["unknown"] },
      { at: "140m", speaks: ["unknown"] },
      { at: "148m", speaks: [] },
    ],
  };
}

/**
 * Minutes: one subject is in breach from 0 on, another from 10 to 12, a third from 10 on; a maintenance window covers the rule from
 * 5 to 30, and in it the watcher is away from 15 to 19.
 */
export function silencedStoryOf(rule: string, { probe }: StateSource): StateStory {
  const breached = (values: string, subject: string): Series => [
    seriesOf("watcher", "probe_breached", `probe="${probe}",subject="${subject}"`),
    values,
  ];
  return {
    series: [
      breached("1x14 stale _x4 1x30", "before"),
      breached("0x9 1x2 0x2 stale _x4 0x30", "brief"),
      breached("0x9 1x4 stale _x4 1x30", "within"),
      [seriesOf("watcher", "silenced", `rule="${rule}"`), "0x4 1x9 stale _x4 1x9 0x20"],
      [seriesOf("watcher", "process_start_time_seconds"), "0x14 stale _x4 1140x30"],
    ],
    moments: [
      { at: "3m", speaks: ["before"] },
      // Who was told has the watcher's own word, which lasts.
      { at: "6m", speaks: [] },
      { at: "14m", speaks: [] },
      { at: "17m", speaks: [] },
      { at: "29m", speaks: [] },
      // The watcher tells of it now, and has its two minutes.
      { at: "30m", speaks: [] },
      { at: "33m", speaks: ["before", "within"] },
    ],
  };
}
