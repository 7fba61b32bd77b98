import { timeOf } from "../../../src/aleo/block.ts";
import { medianOf } from "../../../src/aleo/figures.ts";
import type { AleoLedger } from "../../../src/aleo/ledger.ts";

/** Keys of `roles`, the same in both programs. */
const ADMIN = "0u8";
const PENDING_ADMIN = "1u8";

/** Who governs a program, and whether it runs. */
export interface Administration {
  /** Undefined when the program is not deployed. */
  readonly admin: string | undefined;
  /** The proposed admin, who may accept from the height `readyAt` on. */
  readonly pending: { readonly admin: string; readonly readyAt: number } | undefined;
  readonly paused: boolean;
  /** Whether entries of an older version may still be brought in; until it is closed nobody can register. */
  readonly migrating: boolean;
}

/** Reads a program's administration. */
export async function administrationOf(ledger: AleoLedger, program: string): Promise<Administration> {
  const [admin, pendingAdmin, readyAt, paused, migration] = await Promise.all([
    ledger.mapping(program, "roles", ADMIN),
    ledger.mapping(program, "roles", PENDING_ADMIN),
    ledger.mapping(program, "admin_ready_at", "true"),
    ledger.mapping(program, "paused", "true"),
    ledger.mapping(program, "migration", "true"),
  ]);
  return {
    admin,
    pending:
      pendingAdmin === undefined || readyAt === undefined
        ? undefined
        : { admin: pendingAdmin, readyAt: Number.parseInt(readyAt, 10) },
    paused: paused === "true",
    migrating: migration === "true",
  };
}

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
