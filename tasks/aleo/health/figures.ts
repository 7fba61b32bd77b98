import type { Figure, ResponseTime } from "../../../src/aleo/figures.ts";
import { type Figures, measureFigures } from "../../../src/aleo/measure.ts";
import type { AleoAlerts } from "../../../src/aleo/settings.ts";
import type { TaskIo } from "../../support/task.ts";
import { durationText } from "../support/administration.ts";
import { PROGRAMS } from "../support/programs.ts";
import { progressLines } from "../support/scan.ts";
import type { AleoSession } from "../support/session.ts";
import type { Finding } from "./finding.ts";

/** Figures of both programs. @param quick Only the judged window is read. */
export function readFigures(
  session: AleoSession,
  { quick, io }: { readonly quick: boolean; readonly io: TaskIo },
): Promise<Figures> {
  const programs = PROGRAMS.map(({ id }) => id);
  return measureFigures({ ...session, programs, quick, onProgress: progressLines(io) });
}

/** The figures as lines of the page. Too little data is nothing wrong, and says how much there was. */
export function figureFindings(figures: Figures, alerts: AleoAlerts): Finding[] {
  const { failureRate: failures, responseTime: response, confirmationTime: confirmation, activity } = figures;
  return [
    finding("failure rate", failures, ({ rejected, rate }) => ({
      ok: rate <= alerts.failure_rate,
      text: `${(rate * 100).toFixed(1)} %, ${rejected} rejected; the limit is ${alerts.failure_rate * 100} %`,
      next: "npx hardhat aleo analyze-failures --last-hour",
    })),
    finding("response time of the node", response, (value) => ({
      ok: value.p95 <= alerts.response_time,
      text: `${timesText(value)}; the limit is ${alerts.response_time} ms`,
      next: "ask another node: --ledger URL",
    })),
    finding("sending to confirmation", confirmation, (value) => ({
      ok: value.p95 <= alerts.confirmation_time,
      text: `${timesText(value)}; the limit is ${alerts.confirmation_time} ms`,
      next: "npx hardhat aleo fee --times 1.5, and give the --priority-fee it names",
    })),
    finding("activity", activity, ({ count, median, spreads, unusual }) => ({
      ok: !unusual,
      text: `${count} transactions, usually ${median}: ${unusual ? "UNUSUAL, " : ""}${Math.abs(spreads).toFixed(1)} spreads ${spreads < 0 ? "below" : "above"}`,
      next: "npx hardhat aleo activity; if it is an attack: npx hardhat aleo pause --key …",
    })),
  ];
}

function timesText({ median, p95, longest }: ResponseTime): string {
  return `95 of 100 within ${Math.round(p95)} ms, median ${Math.round(median)}, longest ${Math.round(longest)}`;
}

function finding<V>(what: string, figure: Figure<V>, judge: (value: V) => Omit<Finding, "what">): Finding {
  const seconds = figure.window.to - figure.window.from;
  const basis = `(${figure.samples} samples, last ${durationText(seconds)})`;
  if (figure.status !== "known") {
    return {
      what,
      ok: true,
      text: `not enough data: ${figure.samples} samples, ${figure.needed} needed, last ${durationText(seconds)}`,
    };
  }
  const judged = judge(figure.value);
  return { what, ...judged, text: `${judged.text} ${basis}` };
}
