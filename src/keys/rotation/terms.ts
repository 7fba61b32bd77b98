import type { KeysSettings } from "../settings.ts";

/** Days after which keys are rotated where `[keys.schedule]` says nothing of their purpose. `services`: the log's own are of them. */
export const ROTATION_DAYS = { signers: 90, agents: 90, services: 180, master: 365 } as const;
/** How many days before that a key is announced. */
export const WARN_DAYS = 14;

/** How old keys of a purpose become, days. */
export interface Term {
  readonly days: number;
  /** How long before its end it is announced. */
  readonly warn_days: number;
}

/** A purpose's term: the settings', else the usual one. */
export function termOf(schedule: KeysSettings["schedule"], purpose: keyof typeof ROTATION_DAYS): Term {
  return schedule[purpose] ?? { days: ROTATION_DAYS[purpose], warn_days: WARN_DAYS };
}
