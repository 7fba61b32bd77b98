import { timeOf } from "../../../src/aleo/block.ts";
import { medianOf } from "../../../src/aleo/figures.ts";
import type { AleoLedger } from "../../../src/aleo/ledger.ts";

/** `height 120, in 40 blocks, about 2 min`; without the time where {@link secondsABlock} is 0. */
export function heightText(target: number, height: number, secondsABlock: number): string {
  const left = target - height;
  if (left <= 0) return `height ${target}, reached`;
  const when = secondsABlock === 0 ? "" : `, about ${durationText(Math.round(left * secondsABlock))}`;
  return `height ${target}, in ${left} blocks${when}`;
}

/** Seconds for a reader: `2 d 3 h`, `4 min`, `12 s`. */
export function durationText(seconds: number): string {
  const [days, hours, minutes] = [86_400, 3_600, 60].map((unit) => Math.floor(seconds / unit)) as [
    number,
    number,
    number,
  ];
  if (days > 0) return `${days} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}

/** Seconds that a block usually took lately; 0 where blocks are made on demand, and nobody knows when the next one is. */
export async function secondsABlock(ledger: AleoLedger): Promise<number> {
  if (await ledger.isDevnode()) return 0;
  const height = await ledger.height();
  const times: number[] = [];
  for await (const block of ledger.blocks(Math.max(0, height - 40), height)) times.push(timeOf(block));
  return medianOf(times.slice(1).map((time, index) => time - (times[index] ?? time))) || USUAL_SECONDS;
}

const USUAL_SECONDS = 3;
