import type { Acknowledgement, Alert, AlertPhase } from "../alerts/index.ts";
import type { Severity } from "../monitors/rule.ts";

/** What people are told of an alert, without any markup; some of it was written by strangers. */
export interface Message {
  /** Severity, end or that it is a message, and rule: `[CRITICAL] RoleGranted`. */
  readonly title: string;
  readonly summary: string;
  /** Names and values. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** The page that says what to do: an URL where the configuration has one to put it under, else its path. */
  readonly runbook: string;
  /** 0xRRGGBB */
  readonly colour: number;
}

const COLOURS: Readonly<Record<Severity, number>> = {
  critical: 0xb00020,
  high: 0xe65100,
  medium: 0xf9a825,
  low: 0x1565c0,
};
const OVER = 0x2e7d32;

const WORDS: Readonly<Record<AlertPhase, string>> = {
  unconfirmed: "unconfirmed",
  open: "",
  retracted: "RETRACTED",
  resolved: "RESOLVED",
  notice: "MESSAGE",
};

/** @param base URL of a checkout's root, ending in a slash. */
export function messageOf(
  alert: Alert,
  base: string | undefined,
  acknowledgement?: Acknowledgement,
): Message {
  const { severity, phase, rule, summary, labels, details, since, key } = alert;
  const over = phase === "resolved" || phase === "retracted";
  const word = WORDS[phase];
  const state =
    over || phase === "notice" ? word : [severity.toUpperCase(), ...(word === "" ? [] : [word])].join(", ");
  const title = acknowledgement === undefined ? `[${state}] ${rule}` : `[ACKNOWLEDGED] ${rule}`;
  const told = acknowledgement === undefined ? summary : `${acknowledgement.by} looks after it. ${summary}`;
  // Where a chat takes only some, the key is among them: commands want it.
  const facts = [
    ["key", key],
    ["since", since],
    ...Object.entries(labels),
    ...Object.entries(details),
  ] as const;
  return {
    title,
    summary: told,
    facts: facts.map(([name = "", value = ""]) => [name, value] as const),
    runbook: runbookLink(alert, base),
    colour: over ? OVER : COLOURS[severity],
  };
}

export function runbookLink({ runbook }: Pick<Alert, "runbook">, base: string | undefined): string {
  return base === undefined ? runbook : new URL(runbook, base).href;
}

/** The message as text for a mail or a chat without markup. */
export function plainText({ title, summary, facts, runbook }: Message): string {
  const lines = facts.map(([name, value]) => `${name}: ${value}`);
  return [title, summary, "", ...lines, "", `What to do: ${runbook}`].join("\n");
}
