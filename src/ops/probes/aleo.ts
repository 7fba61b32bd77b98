import { administrationOf } from "../../aleo/administration.ts";
import { heightOf, timeOf } from "../../aleo/block.ts";
import type { Figure, ResponseTime } from "../../aleo/figures.ts";
import { type AleoLedger, openLedger } from "../../aleo/ledger.ts";
import { type Figures, measureFigures } from "../../aleo/measure.ts";
import type { AleoSettings } from "../../aleo/settings.ts";
import type { Probe } from "../alerts/finding.ts";
import { ageText, type Looked, lookAt } from "./finding.ts";

/** The programs that are ours, where a configuration names no others. */
export const ALEO_PROGRAMS: readonly string[] = ["agent_registry_v3.aleo", "trust_verifier_v3.aleo"];

/** Aleo as a configuration names it. */
export interface AleoParts {
  /** `url` is where it is reached; limits are in `alerts`. */
  readonly settings: AleoSettings & { readonly url: string };
  /** Ids of programs; {@link ALEO_PROGRAMS} without. */
  readonly programs?: readonly string[];
}

/** Reading a whole day of blocks takes hundreds of calls of the node. */
const FIGURES_EVERY = 300;

/** Aleo's figures against `[aleo.alerts]`, whether the programs run, and whether the ledger does. */
export function aleoProbes({ settings, programs = ALEO_PROGRAMS }: AleoParts): Probe[] {
  const ledger = openLedger(settings.url, { timeout: settings.request_timeout * 1000, attempts: 2 });
  const figures = onceEvery((FIGURES_EVERY - 30) * 1000, () => readFigures(ledger, settings, programs));
  const { alerts } = settings;
  const judged = <V>(
    name: string,
    read: (all: Figures) => Figure<V>,
    judge: (value: V) => Looked,
  ): Probe => ({
    name,
    every: FIGURES_EVERY,
    look: async () => [await lookAt("", async () => judgeFigure(read(await figures()), judge))],
  });
  return [
    pausedProbe(ledger, programs),
    stalledProbe(ledger, alerts.block_age),
    judged(
      "aleo-failure-rate",
      ({ failureRate }) => failureRate,
      ({ rejected, rate }) => ({
        breached: rate > alerts.failure_rate,
        summary: `${(rate * 100).toFixed(1)} % of the transactions failed (${rejected}); the limit is ${alerts.failure_rate * 100} %`,
        value: rate,
      }),
    ),
    judged(
      "aleo-response-time",
      ({ responseTime }) => responseTime,
      (times) => judgeTimes("the node's answers", times, alerts.response_time),
    ),
    judged(
      "aleo-confirmation-time",
      ({ confirmationTime }) => confirmationTime,
      (times) => judgeTimes("sending to confirmation", times, alerts.confirmation_time),
    ),
    judged(
      "aleo-activity",
      ({ activity }) => activity,
      ({ count, median, spreads, unusual }) => ({
        breached: unusual,
        summary: `${count} transactions, usually ${median}: ${Math.abs(spreads).toFixed(1)} spreads ${spreads < 0 ? "below" : "above"}`,
        value: spreads,
      }),
    ),
  ];
}

function pausedProbe(ledger: AleoLedger, programs: readonly string[]): Probe {
  return {
    name: "aleo-paused",
    every: 60,
    look: () =>
      Promise.all(
        programs.map((program) =>
          lookAt(program, async () => {
            const { admin, paused } = await administrationOf(ledger, program);
            const state = admin === undefined ? "is not deployed" : paused ? "is PAUSED" : "runs";
            return { breached: paused, summary: `${program} ${state}`, value: paused ? 1 : 0 };
          }),
        ),
      ),
  };
}

function stalledProbe(ledger: AleoLedger, limit: number): Probe {
  return {
    name: "aleo-stalled",
    every: 60,
    look: async () => [
      await lookAt("", async () => {
        const newest = await ledger.latestBlock();
        const age = Math.max(0, Date.now() / 1000 - timeOf(newest));
        // A development ledger makes a block when there is something to put into it.
        const stands = age > limit && !(await ledger.isDevnode());
        return {
          breached: stands,
          summary: `the ledger is at height ${heightOf(newest)}, its newest block ${ageText(age)} old; the limit is ${ageText(limit)}`,
          value: age,
        };
      }),
    ],
  };
}

async function readFigures(
  ledger: AleoLedger,
  settings: AleoSettings,
  programs: readonly string[],
): Promise<Figures> {
  const network = (await ledger.isDevnode()) ? "devnode" : ledger.address.network;
  return measureFigures({ ledger, settings, network, programs, quick: false });
}

/** Too little data is no breach, and says so. */
function judgeFigure<V>(figure: Figure<V>, judge: (value: V) => Looked): Looked {
  const basis = `${figure.samples} samples in ${ageText(figure.window.to - figure.window.from)}`;
  if (figure.status !== "known")
    return { breached: false, summary: `not enough data: ${basis}, ${figure.needed} needed` };
  const judged = judge(figure.value);
  return { ...judged, summary: `${judged.summary} (${basis})` };
}

function judgeTimes(what: string, { median, p95, longest }: ResponseTime, limit: number): Looked {
  return {
    breached: p95 > limit,
    summary: `${what}: 95 of 100 within ${Math.round(p95)} ms, median ${Math.round(median)}, longest ${Math.round(longest)}; the limit is ${limit} ms`,
    value: p95,
  };
}

/** What several probes read from the same measurement. A failed one is made anew by the next that asks. */
function onceEvery<T>(milliseconds: number, make: () => Promise<T>): () => Promise<T> {
  let made: { readonly at: number; readonly value: Promise<T> } | undefined;
  return () => {
    if (made === undefined || Date.now() - made.at > milliseconds) {
      const value = make();
      made = { at: Date.now(), value };
      value.catch(() => {
        made = undefined;
      });
    }
    return made.value;
  };
}
