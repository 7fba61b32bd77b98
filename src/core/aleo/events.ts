import type { BindingPlace } from "./binding.ts";

/** Types of the events about Aleo. */
export const ALEO_EVENTS = {
  bound: "aleo.identity.bound",
  unbound: "aleo.identity.unbound",
  trust: "aleo.trust.recorded",
  stake: "aleo.stake.changed",
} as const;

/** Entity type of bindings. All of one registry on one network are one entity, so that its versions put them in one order. */
export const BINDINGS_ENTITY = "aleo.identity";

/** Entity id of the bindings to a registry: `NETWORK/PROGRAM`. */
export function bindingsEntityId({ network, program }: Pick<BindingPlace, "network" | "program">): string {
  return `${network}/${program}`;
}

/** Entity type of what was recorded about an agent; the entity's id is the agent's. */
export const RECORDS_ENTITY = "aleo.agent";
