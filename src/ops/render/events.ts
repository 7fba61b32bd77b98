import type { EventFragment } from "ethers";
import { abiOf } from "../../chain/artifacts.ts";
import { type ContractRole, contractOf, type Deployment } from "../../chain/deployment.ts";
import type { EventSource, Rule, WatchedContract } from "../monitors/rule.ts";

/** A rule that stands on an event: all that monitors of the chain alone can watch. */
export interface EventRule extends Rule {
  readonly source: EventSource;
}

const ROLES: Readonly<Record<WatchedContract, ContractRole>> = {
  ProofXVerifier: "verifier",
  AnchorRegistry: "registry",
  TimelockController: "timelock",
};

/** The rules among them that stand on an event. */
export function eventRules(rules: readonly Rule[]): EventRule[] {
  return rules.filter((rule): rule is EventRule => rule.source.kind === "event");
}

/** Addresses that a rule watches in a deployment, lower case. */
export function addressesOf(deployment: Deployment, { contracts }: EventSource): string[] {
  return contracts.map((contract) => contractOf(deployment, ROLES[contract]).address.toLowerCase());
}

/** The event of a rule as its contracts' ABI has it: the same in each of them, which the check of the rules sees to. */
export function fragmentOf({ contracts, signature }: EventSource): EventFragment {
  const fragment = abiOf(contracts[0] ?? "ProofXVerifier").getEvent(signature);
  if (fragment === null) throw new Error(`no contract of the rule has ${signature}`);
  return fragment;
}

/** An ABI with a rule's event alone, as JSON values. */
export function abiWith(source: EventSource): object[] {
  return [JSON.parse(fragmentOf(source).format("json")) as object];
}
