import { heightAt, type ObservedTransaction, readActivity } from "../../../src/aleo/activity.ts";
import { blocksOf } from "../../../src/aleo/measure.ts";
import { InputError } from "../../../src/core/errors.ts";
import type { TaskIo } from "../../support/task.ts";
import { parseUnsigned } from "../../support/values.ts";
import type { AleoSession } from "./session.ts";

/** Options of tasks that read a stretch of blocks. */
export interface ScanArguments {
  readonly last: string | undefined;
  readonly fromBlock: string | undefined;
}

/** What was read. */
export interface Scan {
  /** The first height, and that after the last. */
  readonly from: number;
  readonly to: number;
  readonly transactions: readonly ObservedTransaction[];
}

const UNITS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const DURATION = "a number of s, m, h or d, e.g. 90s, 30m, 2h, 7d";

/** Seconds in `90s`, `30m`, `2h`, `7d`. @throws InputError for anything else, and for nothing at all. */
export function parseDuration(name: string, text: string): number {
  const [, digits, unit] = /^([1-9]\d{0,6})([smhd])$/.exec(text) ?? [];
  if (digits === undefined) throw InputError.expected(name, DURATION, text);
  return Number(digits) * UNITS[unit as keyof typeof UNITS];
}

/** Reads what the options ask for: the last hour without any. Says how far it is, since long stretches take minutes. */
export async function scan(
  session: AleoSession,
  args: ScanArguments,
  programs: readonly string[],
  io: TaskIo,
): Promise<Scan> {
  const source = blocksOf(session.ledger);
  if (args.last !== undefined && args.fromBlock !== undefined) {
    throw InputError.expected("--from-block", "no --last beside it", args.fromBlock);
  }
  const seconds = parseDuration("--last", args.last ?? "1h");
  const from =
    args.fromBlock === undefined
      ? await heightAt(source, Math.floor(Date.now() / 1000) - seconds)
      : Number(parseUnsigned("--from-block", args.fromBlock, 32));
  const to = (await session.ledger.height()) + 1;
  const transactions = await readBlocks(session, { from, to, programs }, io);
  return { from, to, transactions };
}

/** Reads a stretch of blocks, with a line every five seconds. */
export function readBlocks(
  { ledger }: AleoSession,
  range: { readonly from: number; readonly to: number; readonly programs: readonly string[] },
  io: TaskIo,
): Promise<ObservedTransaction[]> {
  return readActivity(blocksOf(ledger), { ...range, onProgress: progressLines(io) });
}

/** Says how many blocks are read, every five seconds. */
export function progressLines(io: TaskIo): (done: number, all: number) => void {
  let said = Date.now();
  return (done, all) => {
    if (Date.now() - said < 5_000) return;
    said = Date.now();
    io.note(`read ${done} of ${all} blocks …`);
  };
}

/** `height 12 to 40` as a reader wants it, also of nothing. */
export function rangeText({ from, to }: { readonly from: number; readonly to: number }): string {
  return from >= to ? "no blocks" : `blocks ${from} to ${to - 1}`;
}
