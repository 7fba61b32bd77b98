import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Figures } from "../../src/aleo/measure.ts";
import { EXIT, UnavailableError } from "../../src/core/errors.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";
import { figureFindings, readFigures } from "./health/figures.ts";
import type { Finding } from "./health/finding.ts";
import { ledgerFindings } from "./health/ledger.ts";
import { programFindings } from "./health/programs.ts";
import { PROGRAMS } from "./support/programs.ts";
import { type AleoArguments, openAleoSession } from "./support/session.ts";

interface HealthArguments extends AleoArguments {
  readonly quick: boolean;
}

/** Looks at everything an operator asks about in the morning; the exit code is 1 when something is wrong. */
export async function health(
  args: HealthArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const session = await openAleoSession(args).catch((error: unknown) => {
    if (error instanceof UnavailableError) return error;
    throw error;
  });
  if (session instanceof UnavailableError) {
    const { message, next } = session;
    return page("unknown", [
      { what: "node", ok: false, text: message, ...(next === undefined ? {} : { next }) },
    ]);
  }
  const findings: Finding[] = await ledgerFindings(session);
  for (const program of PROGRAMS) findings.push(...(await programFindings(session, program)));
  const figures = await readFigures(session, { quick: args.quick, io });
  findings.push(...figureFindings(figures, session.settings.alerts));
  return page(session.network, findings, figures);
}

function page(network: string, findings: readonly Finding[], figures?: Figures): TaskResult {
  const wrong = findings.filter(({ ok }) => !ok);
  const verdict = wrong.length === 0 ? "nothing is wrong" : `${wrong.length} things are WRONG`;
  return {
    data: { network, ok: wrong.length === 0, at: new Date().toISOString(), findings, figures },
    lines: [
      `Aleo ${network}: ${verdict}`,
      ...findings.flatMap(({ what, ok, text, next }) => [
        `  ${ok ? "ok   " : "WRONG"} ${what.padEnd(26)} ${text}`,
        ...(ok || next === undefined ? [] : [`        next: ${next}`]),
      ]),
    ],
    exitCode: wrong.length === 0 ? EXIT.ok : EXIT.failed,
  };
}

export default action(health);
