import { InputError } from "../../core/errors.ts";
import type { Rule } from "./rule.ts";
import { ACCESS_RULES } from "./rules/access.ts";
import { ALEO_RULES } from "./rules/aleo.ts";
import { ATTESTATION_RULES } from "./rules/attestations.ts";
import { CIRCUIT_RULES } from "./rules/circuits.ts";
import { GOVERNANCE_RULES } from "./rules/governance.ts";
import { HOST_RULES } from "./rules/hosts.ts";
import { LOG_RULES } from "./rules/log.ts";
import { PAUSE_RULES } from "./rules/pause.ts";
import { SERVICE_RULES } from "./rules/services.ts";
import { STREAM_RULES } from "./rules/streams.ts";
import { WATCHING_RULES } from "./rules/watching.ts";

/** All rules by area, in the order that people read them in. */
export const AREAS = {
  access: ACCESS_RULES,
  pause: PAUSE_RULES,
  governance: GOVERNANCE_RULES,
  circuits: CIRCUIT_RULES,
  attestations: ATTESTATION_RULES,
  streams: STREAM_RULES,
  log: LOG_RULES,
  services: SERVICE_RULES,
  hosts: HOST_RULES,
  aleo: ALEO_RULES,
  watching: WATCHING_RULES,
} as const satisfies Readonly<Record<string, readonly Rule[]>>;

export type Area = keyof typeof AREAS;

/** Everything that somebody must hear of. */
export const RULES: readonly Rule[] = Object.values(AREAS).flat();

/**
 * A rule by its id.
 *
 * @throws InputError when there is none.
 */
export function ruleOf(id: string): Rule {
  const rule = RULES.find((each) => each.id === id);
  if (rule === undefined)
    throw InputError.expected("rule", "the id of a rule", id, "npx proofx monitors list");
  return rule;
}
