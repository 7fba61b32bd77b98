import { administrationOf } from "../../../src/aleo/administration.ts";
import type { TaskIo, TaskResult } from "../../support/task.ts";
import { type AleoActArguments, type AleoChange, carryOut } from "./carry-out.ts";
import { chosenPrograms } from "./programs.ts";
import { openAleoSession } from "./session.ts";

export interface SwitchArguments extends AleoActArguments {
  readonly program: string | undefined;
}

/** Pauses programs, or lets them go on, and reads afterwards whether they are. */
export async function switchPrograms(
  args: SwitchArguments,
  io: TaskIo,
  to: "paused" | "running",
): Promise<TaskResult> {
  const programs = chosenPrograms(args.program);
  const session = await openAleoSession(args);
  const name = to === "paused" ? "pause" : "unpause";
  const changes = await Promise.all(
    programs.map(async ({ id }): Promise<AleoChange> => {
      const { paused } = await administrationOf(session.ledger, id);
      const already = paused === (to === "paused");
      return { description: `${name} ${id}`, program: id, function: name, inputs: [], shown: [], already };
    }),
  );
  const { status, result } = await carryOut({ session, args, io }, changes);
  if (status === "simulated") return result;
  const states = await Promise.all(
    programs.map(async ({ id }) => ({ program: id, ...(await administrationOf(session.ledger, id)) })),
  );
  const wrong = states.filter(({ paused }) => paused !== (to === "paused"));
  return {
    data: { ...result.data, states },
    lines: [
      ...result.lines,
      ...states.map(({ program, paused }) => `  ${program} ${paused ? "is paused" : "runs"}`),
    ],
    ...(wrong.length > 0 ? { exitCode: 1 } : {}),
  };
}
