import type { AleoLedger } from "./ledger.ts";

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
