import { ProofXError } from "../../core/errors.ts";
import type { Finding, Probe } from "../alerts/finding.ts";
import { RULES } from "../monitors/index.ts";
import { PARTS } from "./parts.ts";

/** `unknown`: it could not be found out, which nobody may take for well. `absent`: nothing is configured to be looked at. */
export type HealthStatus = "ok" | "wrong" | "unknown" | "absent";

/** One line about one subject. */
export interface HealthLine {
  /** The probe, or the look, that says so. */
  readonly by: string;
  readonly subject: string;
  readonly status: Exclude<HealthStatus, "absent">;
  readonly text: string;
  readonly value?: number;
}

/** One part of the house. */
export interface PartHealth {
  readonly part: string;
  readonly status: HealthStatus;
  readonly lines: readonly HealthLine[];
  /** What a person does next, for each thing that is wrong; a command or a page. */
  readonly next: readonly string[];
}

/** All parts together. */
export interface Health {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** Nothing is wrong and nothing unknown. */
  readonly ok: boolean;
  readonly parts: readonly PartHealth[];
}

/** A look that is no probe: it says by itself which part it is about. */
export interface Look {
  readonly part: string;
  readonly name: string;
  look(): Promise<readonly Finding[]>;
}

/** What to look at. */
export interface Examination {
  readonly probes: readonly Probe[];
  readonly looks?: readonly Look[];
  /** Parts that are configured but could not be opened, with what is wrong. */
  readonly faults?: readonly { readonly part: string; readonly error: ProofXError }[];
  readonly now?: () => number;
}

/** Makes every look once, several at a time, and sorts what they found by part. */
export async function examineHealth({
  probes,
  looks = [],
  faults = [],
  now = Date.now,
}: Examination): Promise<Health> {
  const made = [
    ...probes.map((probe) => ({ part: undefined, name: probe.name, look: () => probe.look() })),
    ...looks,
  ];
  const found = (
    await Promise.all(
      made.map(async ({ part, name, look }) =>
        (
          await findingsOf(look)
        ).map((finding) => ({
          part: part ?? partOf(name, finding.subject),
          line: lineOf(name, finding),
        })),
      ),
    )
  ).flat();
  const all = [
    ...found,
    ...faults.map(({ part, error }) => ({
      part,
      line: {
        by: "configuration",
        subject: "",
        status: "unknown" as const,
        text: `cannot be looked at: ${error.message}`,
      },
    })),
  ];
  const parts = PARTS.map(({ name, configure }): PartHealth => {
    const lines = all.filter(({ part }) => part === name).map(({ line }) => line);
    if (lines.length === 0) return { part: name, status: "absent", lines, next: [`configure ${configure}`] };
    const next = faults.filter(({ part }) => part === name).map(({ error }) => error.next);
    return { part: name, status: worstOf(lines), lines, next: [...nextOf(lines), ...next].filter(isText) };
  });
  const ok = parts.every(({ status }) => status === "ok" || status === "absent");
  return { at: new Date(now()).toISOString(), ok, parts };
}

/** A probe that cannot tell its subjects throws; here that is one thing unknown. */
async function findingsOf(look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof ProofXError)) throw error;
    return [{ subject: "", breached: undefined, summary: `cannot be found out: ${error.message}` }];
  }
}

function lineOf(by: string, { subject, breached, summary, value }: Finding): HealthLine {
  const status = breached === undefined ? "unknown" : breached ? "wrong" : "ok";
  return { by, subject, status, text: summary, ...(value === undefined ? {} : { value }) };
}

/** Readiness is shown with the part that the service is. */
function partOf(probe: string, subject: string): string {
  const part = PARTS.find(({ probes, service }) =>
    probe === "service-down" ? service === subject : (probes as readonly string[]).includes(probe),
  );
  if (part !== undefined) return part.name;
  throw new Error(`no part of health shows the probe ${probe} of "${subject}"`);
}

function worstOf(lines: readonly HealthLine[]): HealthStatus {
  if (lines.some(({ status }) => status === "wrong")) return "wrong";
  return lines.some(({ status }) => status === "unknown") ? "unknown" : "ok";
}

/** The pages of the rules whose states are wrong. */
function nextOf(lines: readonly HealthLine[]): string[] {
  const wrong = new Set(lines.filter(({ status }) => status === "wrong").map(({ by }) => by));
  const rules = RULES.filter(({ source }) => source.kind === "state" && wrong.has(source.probe));
  return rules.map(({ id }) => `npx proofx runbook show ${id}`);
}

const isText = (text: string | undefined): text is string => text !== undefined;
