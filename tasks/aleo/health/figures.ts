import { performance } from "node:perf_hooks";
import { heightAt } from "../../../src/aleo/activity.ts";
import {
  type Activity,
  type FailureRate,
  type Figure,
  failureRate,
  type ResponseTime,
  responseTime,
  unusualActivity,
  type Waited,
  windowUpTo,
} from "../../../src/aleo/figures.ts";
import { readSubmissions, waitsOf } from "../../../src/aleo/journal.ts";
import type { AleoLedger } from "../../../src/aleo/ledger.ts";
import type { AleoAlerts } from "../../../src/aleo/settings.ts";
import type { TaskIo } from "../../support/task.ts";
import { durationText } from "../support/administration.ts";
import { PROGRAMS } from "../support/programs.ts";
import { readBlocks } from "../support/scan.ts";
import { type AleoSession, blocksOf } from "../support/session.ts";
import type { Finding } from "./finding.ts";

/** The figures of both programs together. */
export interface Figures {
  readonly failureRate: Figure<FailureRate>;
  /** Of the node's REST interface, as just measured from here. */
  readonly responseTime: Figure<ResponseTime>;
  /** From sending to the block, of what this machine sent. */
  readonly confirmationTime: Figure<ResponseTime>;
  readonly activity: Figure<Activity>;
}

const PROBES = 5;

/** Reads the blocks that the figures need and measures the node. @param quick Only the judged window is read. */
export async function readFigures(
  session: AleoSession,
  { quick, io }: { readonly quick: boolean; readonly io: TaskIo },
): Promise<Figures> {
  const { ledger, settings, network } = session;
  const { window: seconds, earlier_windows: earlier } = settings.alerts;
  const waits = await probe(ledger);
  const now = Math.floor(Date.now() / 1000) + 1;
  const window = windowUpTo(now, seconds);
  const wanted = quick ? window.from : window.from - earlier * seconds;
  // Before the programs were there, silence was no habit of theirs.
  const since = Math.max(wanted, await deployedAt(ledger));
  const source = blocksOf(ledger);
  const from = await heightAt(source, Math.min(since, window.from));
  const to = (await ledger.height()) + 1;
  const programs = PROGRAMS.map(({ id }) => id);
  const landed = await readBlocks(session, { from, to, programs }, io);
  const submissions = readSubmissions(settings.folder, network);
  return {
    failureRate: failureRate(landed, window),
    responseTime: responseTime(waits, window),
    confirmationTime: responseTime(waitsOf(submissions), window),
    activity: unusualActivity(landed, window, since),
  };
}

/** Times some calls of the cheapest kind. */
async function probe(ledger: AleoLedger): Promise<Waited[]> {
  const waits: Waited[] = [];
  for (let call = 0; call < PROBES; call++) {
    const began = performance.now();
    await ledger.height();
    waits.push({ time: Math.floor(Date.now() / 1000), milliseconds: performance.now() - began });
  }
  return waits;
}

/** Time (s) of the block in which the last of the programs was deployed; 0 while one is missing. */
async function deployedAt(ledger: AleoLedger): Promise<number> {
  let latest = 0;
  for (const { id } of PROGRAMS) {
    const transaction = await ledger.deploymentOf(id);
    const confirmation = transaction === undefined ? undefined : await ledger.confirmation(transaction);
    const block = confirmation === undefined ? undefined : await ledger.block(confirmation.height);
    latest = Math.max(latest, block?.header.metadata.timestamp ?? 0);
  }
  return latest;
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
