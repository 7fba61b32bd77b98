import { EXIT } from "../../core/errors.ts";
import { describeFault } from "./fault.ts";
import type { LogReport } from "./verify-log.ts";
import type { StreamReport } from "./verify-stream.ts";

/** A report as a command answers it: whole, and in lines for a person. */
export function describeReport(report: LogReport, seconds: number) {
  const { streams, fault } = report;
  const lines = streams.map(lineOf);
  if (streams.length === 0 && fault === undefined) lines.push("There is no such stream");
  if (fault === undefined) {
    lines.push(`The log holds: ${streams.length} streams, read again in ${seconds.toFixed(1)} s`);
    return { data: { holds: true, streams }, lines, exitCode: EXIT.ok };
  }
  lines.push(`DOES NOT HOLD  ${describeFault(fault)}`);
  lines.push("Next: keep this database as it is, and compare it with its last backup (docs/verify-log.md)");
  return { data: { holds: false, fault, streams }, lines, exitCode: EXIT.failed };
}

function lineOf({
  stream,
  events,
  payloads,
  erased,
  archived,
  checkpoints,
  tiles,
  batches,
  anchored,
}: StreamReport): string {
  const read = payloads + erased === 0n ? "payloads not read" : `${payloads} payloads read, ${erased} erased`;
  const moved = archived === 0n ? "" : `, ${archived} archived`;
  const chain = anchored === undefined ? "not compared with a chain" : `${anchored} of them on the chain`;
  return (
    `${stream}  ${events} events (${read}${moved}), ${tiles} tiles, ${checkpoints} checkpoints, ` +
    `${batches} batches, ${chain}`
  );
}

/** A progress line at most every two seconds. */
export function progressNotes(note: (line: string) => void, now: () => number = Date.now) {
  let last = now();
  return (stream: string, events: bigint, of: bigint): void => {
    if (now() - last < 2_000) return;
    last = now();
    note(`${stream.slice(0, 10)}…: ${events} of ${of} events`);
  };
}
