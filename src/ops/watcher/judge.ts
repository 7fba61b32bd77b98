import type { Fragment, Interface, ParamType } from "ethers";
import { abiOf } from "../../chain/artifacts.ts";
import { type ContractRole, contractOf, type Deployment } from "../../chain/deployment.ts";
import { roleName } from "../../chain/roles.ts";
import type { Alert, AlertPhase } from "../alerts/index.ts";
import {
  type Condition,
  type EventSource,
  type Rule,
  runbookOf,
  type WatchedContract,
} from "../monitors/rule.ts";
import type { ChainLog } from "./chain-reads.ts";

/** A contract that is followed. */
export interface FollowedContract {
  readonly contract: WatchedContract;
  /** Lower case. */
  readonly address: string;
  readonly abi: Interface;
}

const ROLE_OF: Readonly<Record<WatchedContract, ContractRole>> = {
  ProofXVerifier: "verifier",
  AnchorRegistry: "registry",
  TimelockController: "timelock",
};

/** The watched contracts that a deployment has. */
export function followedContracts(deployment: Deployment): FollowedContract[] {
  const names = Object.keys(ROLE_OF) as WatchedContract[];
  return names
    .filter((contract) => deployment.contracts[ROLE_OF[contract]] !== undefined)
    .map((contract) => ({
      contract,
      address: contractOf(deployment, ROLE_OF[contract]).address.toLowerCase(),
      abi: abiOf(contract),
    }));
}

/** A rule that applies to a log. */
export interface Match {
  readonly rule: Rule;
  /** `RULE/CHAIN/TX/N`. */
  readonly key: string;
  readonly block: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly details: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** An event of one of the contracts, for the metric. */
export interface SeenEvent {
  readonly contract: WatchedContract;
  readonly event: string;
}

const LONGEST_SUMMARY = 1_024;

/** Says which rules apply to the logs of a chain. */
export class Judge {
  readonly #chainId: string;
  readonly #network: string;
  readonly #contracts: ReadonlyMap<string, FollowedContract>;
  readonly #rules: readonly (Rule & { source: EventSource })[];

  constructor(rules: readonly Rule[], deployment: Deployment) {
    this.#chainId = deployment.chainId;
    this.#network = deployment.network;
    this.#contracts = new Map(followedContracts(deployment).map((each) => [each.address, each]));
    this.#rules = rules.filter(
      (rule): rule is Rule & { source: EventSource } => rule.source.kind === "event",
    );
  }

  /** Of all followed contracts, lower case. */
  get addresses(): readonly string[] {
    return [...this.#contracts.keys()];
  }

  /** Blocks on top of its own that an event of the slowest rule needs. */
  depth(confirmations: number): number {
    return Math.max(confirmations, ...this.#rules.map((rule) => rule.confirmations ?? 0));
  }

  /** What the logs of one block are to the rules, in their order. */
  judge(logs: readonly ChainLog[]): { matches: readonly Match[]; events: readonly SeenEvent[] } {
    const matches: Match[] = [];
    const events: SeenEvent[] = [];
    const counts = new Map<string, number>();
    for (const log of logs) {
      const contract = this.#contracts.get(log.address);
      const parsed = contract?.abi.parseLog(log);
      if (contract === undefined || parsed === null || parsed === undefined) continue;
      events.push({ contract: contract.contract, event: parsed.name });
      const args = new Map(
        parsed.fragment.inputs.map((input, at) => [input.name, textOf(input, parsed.args[at])] as const),
      );
      for (const rule of this.#rules) {
        if (!applies(rule.source, contract, parsed.fragment, args)) continue;
        const counted = `${rule.id}/${this.#chainId}/${log.transaction}`;
        const count = counts.get(counted) ?? 0;
        counts.set(counted, count + 1);
        matches.push(this.#match(rule, `${counted}/${count}`, { log, contract, event: parsed.name, args }));
      }
    }
    return { matches, events };
  }

  #match(rule: Rule & { source: EventSource }, key: string, { log, contract, event, args }: Parsed): Match {
    const shown = rule.source.labels.map((name) => [name, readable(name, args.get(name) ?? "")] as const);
    const summary = `${rule.title}: ${shown.map(([name, value]) => `${name} ${value}`).join(", ")}`;
    return {
      rule,
      key,
      block: log.block,
      summary: `${summary} (${contract.contract} on ${this.#network}, block ${log.block})`.slice(
        0,
        LONGEST_SUMMARY,
      ),
      labels: {
        chain: this.#network,
        contract: contract.contract,
        event,
        ...Object.fromEntries(shown),
      },
      details: {
        chainId: this.#chainId,
        block: String(log.block),
        blockHash: log.blockHash,
        transaction: log.transaction,
        address: contract.address,
      },
    };
  }
}

interface Parsed {
  readonly log: ChainLog;
  readonly contract: FollowedContract;
  readonly event: string;
  readonly args: ReadonlyMap<string, string>;
}

/** The alert of a match. @param timestamp Of its block, s. */
export function alertOf(match: Match, phase: AlertPhase, timestamp: number): Alert {
  const { rule, key, labels, details, summary } = match;
  return {
    key,
    rule: rule.id,
    severity: rule.severity,
    phase,
    summary,
    since: new Date(timestamp * 1000).toISOString(),
    labels,
    details,
    runbook: runbookOf(rule),
  };
}

function applies(
  source: EventSource,
  { contract }: FollowedContract,
  event: Fragment,
  args: ReadonlyMap<string, string>,
): boolean {
  if (!source.contracts.includes(contract) || source.signature !== event.format("sighash")) return false;
  return (source.where ?? []).every((condition) => holds(condition, args.get(condition.argument)));
}

function holds({ is, value }: Condition, got: string | undefined): boolean {
  if (got === undefined) return false;
  const wanted = String(value).toLowerCase();
  if (is === "==") return got.toLowerCase() === wanted;
  if (is === "!=") return got.toLowerCase() !== wanted;
  return is === ">" ? BigInt(got) > BigInt(wanted) : BigInt(got) < BigInt(wanted);
}

function textOf(type: ParamType, value: unknown): string {
  if (!type.isArray()) return String(value);
  return JSON.stringify(value, (_name, inner) => (typeof inner === "bigint" ? String(inner) : inner));
}

/** Roles by their names: people know them by those. */
function readable(name: string, value: string): string {
  return /role$/i.test(name) ? roleName(value) : value;
}
