import { setTimeout as pause } from "node:timers/promises";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { type Administration, administrationOf } from "../../src/aleo/administration.ts";
import { requireAddress } from "../../src/aleo/ledger.ts";
import { InputError, RefusedError } from "../../src/core/errors.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";
import { accountFor } from "./support/account.ts";
import { heightText, secondsABlock } from "./support/administration.ts";
import { type AleoActArguments, type AleoChange, carryOut } from "./support/carry-out.ts";
import { type AleoProgram, chosenPrograms } from "./support/programs.ts";
import { type AleoSession, openAleoSession } from "./support/session.ts";

export interface RotateArguments extends AleoActArguments {
  readonly program: string | undefined;
  readonly to: string | undefined;
  readonly accept: boolean;
  readonly cancel: boolean;
  readonly wait: boolean;
}

interface Governed {
  readonly program: AleoProgram;
  readonly state: Administration;
}

/** Proposes, accepts or takes back a new admin of one program or both; without any of these it shows where that stands. */
export async function rotateAdmin(
  args: RotateArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const asked = [args.to !== undefined, args.accept, args.cancel].filter(Boolean).length;
  if (asked > 1)
    throw InputError.expected("rotate-admin", "one of --to, --accept and --cancel", `${asked} of them`);
  const programs = chosenPrograms(args.program);
  const session = await openAleoSession(args);
  if (asked === 0) return standing(session, programs, { status: "standing" }, []);
  const governed = await read(session, programs);
  if (args.accept && args.wait) await waitUntilReady(session, governed, io);
  const changes = await changesFor(args, session, governed);
  const { status, result } = await carryOut({ session, args, io }, changes);
  return status === "simulated" ? result : standing(session, programs, result.data, result.lines);
}

function read({ ledger }: AleoSession, programs: readonly AleoProgram[]): Promise<Governed[]> {
  return Promise.all(
    programs.map(async (program) => ({ program, state: await administrationOf(ledger, program.id) })),
  );
}

async function changesFor(
  args: RotateArguments,
  session: AleoSession,
  governed: readonly Governed[],
): Promise<AleoChange[]> {
  if (args.to !== undefined) {
    const to = requireAddress(args.to);
    return governed.map((each) => propose(each, to));
  }
  if (args.cancel) return governed.map(cancel);
  const { address } = await accountFor(args.key);
  const height = await session.ledger.height();
  const pace = await secondsABlock(session.ledger);
  return governed.map((each) => accept(each, address, height, pace));
}

function propose({ program: { id }, state }: Governed, to: string): AleoChange {
  const already = state.pending?.admin === to || (state.pending === undefined && state.admin === to);
  return {
    description: `propose ${to} as admin of ${id}, now ${state.admin ?? "nobody"}`,
    program: id,
    function: "propose_admin",
    inputs: [to],
    shown: [`new_admin = ${to}`],
    already,
  };
}

function cancel({ program: { id }, state }: Governed): AleoChange {
  return {
    description: `take back the proposal of ${state.pending?.admin ?? "nobody"} as admin of ${id}`,
    program: id,
    function: "cancel_admin",
    inputs: [],
    shown: [],
    already: state.pending === undefined,
  };
}

function accept(
  { program: { id }, state }: Governed,
  address: string,
  height: number,
  pace: number,
): AleoChange {
  const already = state.admin === address;
  if (!already && state.pending?.admin !== address) {
    throw new RefusedError(`${address} was not proposed as admin of ${id}`, {
      next: `as the admin: npx hardhat aleo rotate-admin --program ${id} --to ${address} --key …`,
    });
  }
  // The call is in the next block at the earliest.
  if (!already && state.pending !== undefined && height + 1 < state.pending.readyAt) {
    throw new RefusedError(`too early for ${id}: ${heightText(state.pending.readyAt, height, pace)}`, {
      next: "run it again then, or now with --wait",
    });
  }
  return {
    description: `accept being admin of ${id}, after ${state.admin ?? "nobody"}`,
    program: id,
    function: "accept_admin",
    inputs: [],
    shown: [],
    already,
  };
}

async function waitUntilReady(
  session: AleoSession,
  governed: readonly Governed[],
  io: TaskIo,
): Promise<void> {
  const target = Math.max(0, ...governed.map(({ state }) => state.pending?.readyAt ?? 0));
  const pace = await secondsABlock(session.ledger);
  for (let said = -Infinity; ; await pause(1_000)) {
    const height = await session.ledger.height();
    if (height + 1 >= target) return;
    if (Date.now() - said >= 10_000) {
      io.note(`waiting: ${heightText(target, height, pace)} …`);
      said = Date.now();
    }
  }
}

/** Where the hand-over of each program stands, with what comes next. */
async function standing(
  session: AleoSession,
  programs: readonly AleoProgram[],
  data: object,
  lines: readonly string[],
): Promise<TaskResult> {
  const governed = await read(session, programs);
  const height = await session.ledger.height();
  const pace = await secondsABlock(session.ledger);
  const states = governed.map(({ program, state }) => ({ program: program.id, ...state }));
  return {
    data: { ...data, network: session.network, height, admins: states },
    lines: [
      ...lines,
      ...states.flatMap(({ program, admin, pending }) => [
        `${program}: admin ${admin ?? "nobody: it is not deployed"}`,
        ...(pending === undefined
          ? []
          : [
              `  ${pending.admin} is proposed, and may accept from ${heightText(pending.readyAt, height, pace)}`,
              `  then: npx hardhat aleo rotate-admin --program ${program} --accept --key …`,
            ]),
      ]),
    ],
  };
}

export default action(rotateAdmin);
