import { type KeysSettings, termOf } from "../../keys/index.ts";

type Schedule = KeysSettings["schedule"];

/** Keys that services use, by the settings that name them. */
export interface NamedKeys {
  /** Keys that send, sign batches, cosign. */
  readonly services: readonly string[];
  /** Wraps the log's keys at rest. */
  readonly master: string | undefined;
}

/** The settings' schedule, and below it one for every purpose that it leaves out. */
export function fullSchedule(given: Schedule, { services, master }: NamedKeys): Schedule {
  const entry = (purpose: Parameters<typeof termOf>[1], keys: readonly string[]) =>
    keys.length === 0 ? {} : { [purpose]: { keys: [...keys], ...termOf({}, purpose) } };
  return {
    ...entry("signers", ["signer*"]),
    ...entry("agents", ["agent*"]),
    ...entry("services", services),
    ...entry("master", master === undefined ? [] : [master]),
    ...given,
  };
}
