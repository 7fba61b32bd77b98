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

/** `height 120, in 40 blocks, about 2 min`; a block takes about three seconds where nobody makes them by hand. */
export function heightText(target: number, height: number, secondsABlock: number): string {
  const left = target - height;
  if (left <= 0) return `height ${target}, reached`;
  const seconds = Math.round(left * secondsABlock);
  return `height ${target}, in ${left} blocks, about ${durationText(seconds)}`;
}

/** Seconds for a reader: `2 d 3 h`, `4 min`, `12 s`. */
export function durationText(seconds: number): string {
  const [days, hours, minutes] = [86_400, 3_600, 60].map((unit) => Math.floor(seconds / unit)) as [number, number, number];
  if (days > 0) return `${days} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}

/** Seconds that a block took lately, from the newest blocks' times; three where there are too few. */
export async function secondsABlock(ledger: AleoLedger): Promise<number> {
  const newest = await ledger.latestBlock();
  const { height, timestamp } = newest.header.metadata;
  const back = Math.min(height, 100);
  const older = back < 10 ? undefined : await ledger.block(height - back);
  const seconds = older === undefined ? 0 : (timestamp - older.header.metadata.timestamp) / back;
  return seconds > 0 ? seconds : USUAL_SECONDS;
}

const USUAL_SECONDS = 3;
