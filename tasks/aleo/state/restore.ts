import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { remaining, requireAdmin } from "../../../src/aleo/state/enter.ts";
import { placeOf } from "../../../src/aleo/state/entry.ts";
import { type Programs, planRestore } from "../../../src/aleo/state/restore.ts";
import { type AleoState, readState } from "../../../src/aleo/state/state-file.ts";
import { InputError } from "../../../src/core/errors.ts";
import { action, required, type TaskIo, type TaskResult } from "../../support/task.ts";
import { REGISTRY, VERIFIER } from "../support/programs.ts";
import { openAleoSession } from "../support/session.ts";
import { carryIn, close, requireEntered, type SendArguments } from "./support.ts";

interface RestoreArguments extends SendArguments {
  readonly state: string | undefined;
  readonly registry: string | undefined;
  readonly verifier: string | undefined;
  readonly close: boolean;
}

/** Enters a state into fresh programs and compares it. */
export async function restoreState(
  args: RestoreArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const state = readState(required("state", args.state, "the file of a state"));
  const to = { registry: args.registry ?? REGISTRY.id, verifier: args.verifier ?? VERIFIER.id };
  const plan = planRestore(state, programsIn(state), to);
  const session = await openAleoSession(args);
  const rest = await remaining(session.ledger, plan.entries);
  const summary = {
    height: state.height,
    entries: plan.entries.length,
    missing: rest.missing.length,
    credits: rest.credits,
    left_out: plan.leftOut,
  };
  const leftOut = plan.leftOut.map((line) => `  NOT RESTORED  ${line}`);
  if (args.dryRun) {
    const places = rest.missing.map((entry) => `  would enter ${placeOf(entry)} into ${entry.program}`);
    const head = `Dry run: ${rest.missing.length} of ${plan.entries.length} entries are missing, with ${rest.credits} microcredits`;
    return { data: { status: "simulated", ...summary }, lines: [head, ...places, ...leftOut] };
  }
  const client = await carryIn(session, args, rest, io);
  const verified = await requireEntered(session, plan.entries, to.registry, io);
  for (const program of plan.paused) {
    if ((await client.mapping(program, "paused", "true")) === "true") continue;
    await requireAdmin(client, [program]);
    await client.execute(program, "pause", []);
    io.note(`Paused ${program}, as it was in the backup`);
  }
  const targets = new Set([to.registry, ...plan.entries.map(({ program }) => program)]);
  const closed = args.close ? await close(session, client, targets, args, io) : [];
  return {
    data: { status: "restored", ...summary, verified: verified.entries, paused: plan.paused, closed },
    lines: [
      `Restored and compared ${verified.entries} entries with ${verified.credits} microcredits, as of block ${state.height}`,
      ...leftOut,
      ...plan.paused.map((program) => `  paused        ${program}, as it was`),
      args.close
        ? "Closed to further entries, for ever; owners can register again"
        : "Until it is closed (--close) nobody can register: npx hardhat aleo execute close_migration",
    ],
  };
}

/** The state's programs: one that has agents, one that has executions. */
function programsIn(state: AleoState): Programs {
  const having = (mapping: string) =>
    Object.keys(state.programs).find((id) => state.programs[id]?.mappings[mapping] !== undefined);
  const registry = having("agents");
  if (registry === undefined || state.programs[registry]?.mappings.pending_withdrawals !== undefined) {
    throw InputError.expected(
      "--state",
      "the state of a version 3 registry",
      Object.keys(state.programs).join(", "),
      "For a version 2 there is: npx hardhat aleo state migrate",
    );
  }
  return { registry, verifier: having("executions") ?? "" };
}

export default action(restoreState);
