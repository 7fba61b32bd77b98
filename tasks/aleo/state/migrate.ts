import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { remaining } from "../../../src/aleo/state/enter.ts";
import { placeOf } from "../../../src/aleo/state/entry.ts";
import { parseAgents, prepareMigration } from "../../../src/aleo/state/migrate.ts";
import { reconstruct } from "../../../src/aleo/state/reconstruct.ts";
import { type AleoState, readState } from "../../../src/aleo/state/state-file.ts";
import { RefusedError } from "../../../src/core/errors.ts";
import { action, required, type TaskIo, type TaskResult } from "../../support/task.ts";
import { REGISTRY } from "../support/programs.ts";
import { type AleoSession, openAleoSession } from "../support/session.ts";
import { carryIn, close, replayOptions, requireEntered, type SendArguments } from "./support.ts";

interface MigrateArguments extends SendArguments {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly state: string | undefined;
  readonly salts: string | undefined;
  readonly leaveOut: string | undefined;
  readonly verify: boolean;
  readonly close: boolean;
}

const V2 = "agent_registry_v2.aleo";

/** Enters the agents of a version 2 registry into version 3. */
export async function migrateState(
  args: MigrateArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  if (args.close && !args.verify) {
    throw new RefusedError("--close is for ever, so it wants --verify", { next: "Add --verify" });
  }
  const salts = required("salts", args.salts, "the file that keeps the salts");
  const leaveOut = parseAgents(args.leaveOut);
  const from = args.from ?? V2;
  const to = args.to ?? REGISTRY.id;
  const session = await openAleoSession(args);
  const state = args.state === undefined ? await rebuilt(session, from, io) : readState(args.state);
  const migration = await prepareMigration({ state, from, to, salts, leaveOut });
  const planned = {
    from,
    to,
    height: state.height,
    agents: migration.agents.length,
    withdrawals: migration.withdrawals.length,
    left_out: migration.leftOut,
    deactivated: migration.deactivated,
  };
  const remarks = [
    ...migration.leftOut.map(({ agent, fault }) => `  LEFT OUT  ${agent}: ${fault}`),
    ...migration.deactivated.map((agent) => `  inactive  ${agent}: its stake is below version 3's minimum`),
    `  salts     ${salts} (secret; each owner gets its own entry of it)`,
  ];
  if (args.dryRun && args.verify) {
    const verified = await requireEntered(session, migration.entries, to, io);
    const head = `Compared, nothing sent: all ${verified.entries} entries are in ${to}, once`;
    return {
      data: { status: "verified", ...planned, verified: verified.entries },
      lines: [head, ...remarks],
    };
  }
  const rest = await remaining(session.ledger, migration.entries);
  const summary = { ...planned, missing: rest.missing.length, credits: rest.credits };
  if (args.dryRun) {
    const places = rest.missing.map((entry) => `  would enter ${placeOf(entry)}`);
    const head = `Dry run: ${rest.missing.length} of ${migration.entries.length} entries are missing in ${to}, with ${rest.credits} microcredits`;
    return { data: { status: "simulated", ...summary }, lines: [head, ...places, ...remarks] };
  }
  const client = await carryIn(session, args, rest, io);
  const verified = args.verify ? await requireEntered(session, migration.entries, to, io) : undefined;
  const closed = args.close ? await close(session, client, [to], args, io) : [];
  return {
    data: { status: "migrated", ...summary, verified: verified?.entries, closed },
    lines: [
      `Migrated ${summary.agents} agents and ${summary.withdrawals} withdrawals from ${from} into ${to}`,
      verified === undefined
        ? "  NOT COMPARED: run the same command with --verify"
        : `  compared  ${verified.entries} entries, totals, and ${verified.credits} microcredits held`,
      ...remarks,
      ...(args.close ? [`  closed    ${to} takes no entries any more; owners can register`] : []),
    ],
  };
}

async function rebuilt(session: AleoSession, program: string, io: TaskIo): Promise<AleoState> {
  const options = await replayOptions(session, [program], undefined, io);
  return (await reconstruct(options)).state;
}

export default action(migrateState);
