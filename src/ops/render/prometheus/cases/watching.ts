import { type AlertCase, rise, seriesOf } from "../case.ts";

const FOUND = seriesOf("watcher", "probe_breached", 'probe="disk",subject="/"');
const FAILED = seriesOf("watcher", "probe_failed", 'probe="disk",subject="/"');
const ALIVE = seriesOf("watcher", "processors");
const UP = 'up{job="relayer",instance="relayer:8490"}';

/** Cases of what tells of all the others. */
export const WATCHING_CASES: readonly AlertCase[] = [
  {
    // Stopped: its series end.
    rule: "WatcherDown",
    at: "30m",
    breach: [
      [ALIVE, "2x20 stale"],
      [FOUND, "0x20 stale"],
    ],
    quiet: [
      [ALIVE, "2x28 stale"],
      [FOUND, "0x28 stale"],
    ],
    value: "1",
  },
  {
    // Up, but it looks at nothing.
    rule: "WatcherDown",
    at: "30m",
    breach: [[ALIVE, "2x40"]],
    quiet: [
      [ALIVE, "2x40"],
      [FOUND, "1x40"],
    ],
    value: "1",
  },
  {
    rule: "ProbeFailing",
    at: "30m",
    breach: [[FAILED, "1x40"]],
    quiet: [[FAILED, "0x20 1x20"]],
    labels: { probe: "disk", subject: "/" },
    value: "1",
  },
  {
    rule: "NodeContradicted",
    at: "60m",
    breach: [[seriesOf("relayer", "contradictions_total"), rise(1)]],
    quiet: [[seriesOf("relayer", "contradictions_total"), "4x60"]],
    labels: { service: "relayer" },
    value: "1",
  },
  {
    rule: "MetricsMissing",
    at: "10m",
    breach: [[UP, "1x5 0x10"]],
    quiet: [[UP, "1x5 0x2 1x10"]],
    labels: { job: "relayer", instance: "relayer:8490" },
    value: "0",
  },
  {
    // Nobody reads it any more: it is in no list of targets.
    rule: "MetricsMissing",
    at: "20m",
    breach: [[UP, "1x10 stale"]],
    quiet: [
      [UP, "1x10 stale"],
      ['up{job="relayer",instance="relayer-2:8490"}', "_x9 1x20"],
    ],
    labels: { job: "relayer" },
    value: "1",
  },
];
