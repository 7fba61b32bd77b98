import { AUTH_CAUSES } from "../auth/index.ts";

/** Refusals of events that may be an attack rather than a mistake, by the code of the answer. */
export const EVENT_CAUSES = [
  "signature-invalid",
  "key-unknown",
  "key-revoked",
  "wrong-tenant",
  "wrong-agent",
  "reserved-type",
] as const;

/** Every refusal that is written down. A closed list: what a client sends never becomes part of it. */
export const REFUSAL_CAUSES = [
  ...AUTH_CAUSES,
  "too-many-failures",
  "forbidden",
  "rate-limited",
  ...EVENT_CAUSES,
] as const;
export type RefusalCause = (typeof REFUSAL_CAUSES)[number];

export function isRefusalCause(code: string): code is RefusalCause {
  return (REFUSAL_CAUSES as readonly string[]).includes(code);
}
