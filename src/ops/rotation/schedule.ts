import type { KeysSettings } from "../../keys/index.ts";

type Schedule = KeysSettings["schedule"];

/** Days after which keys are rotated where `[keys.schedule]` says nothing of their purpose. */
export const DAYS = { signers: 90, agents: 90, services: 180, master: 365 } as const;
const WARN_DAYS = 14;

/** Keys that services use, by the settings that name them. */
export interface NamedKeys {
  /** Keys that send, sign batches, cosign. */
  readonly services: readonly string[];
  /** Wraps the log's keys at rest. */
  readonly master: string | undefined;
}

/** The settings' schedule, and below it one for every purpose that it leaves out. */
export function fullSchedule(given: Schedule, { services, master }: NamedKeys): Schedule {
  const entry = (keys: readonly string[], days: number) => ({ keys: [...keys], days, warn_days: WARN_DAYS });
  return {
    signers: entry(["signer*"], DAYS.signers),
    agents: entry(["agent*"], DAYS.agents),
    ...(services.length === 0 ? {} : { services: entry(services, DAYS.services) }),
    ...(master === undefined ? {} : { master: entry([master], DAYS.master) }),
    ...given,
  };
}
