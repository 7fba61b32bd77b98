import type { Deployment } from "../../../chain/deployment.ts";
import { InputError } from "../../../core/errors.ts";
import { type Condition, type Rule, runbookOf, type Severity } from "../../monitors/rule.ts";
import { abiWith, addressesOf, type EventRule, eventRules } from "../events.ts";
import type { RenderedFile } from "../rendered.ts";

/** A monitor as the SDK's `monitor.create` takes it, without the channels that it notifies. */
export interface DefenderMonitor {
  readonly type: "BLOCK";
  readonly network: string;
  readonly confirmLevel: number;
  readonly name: string;
  readonly addresses: readonly string[];
  /** JSON. */
  readonly abi: string;
  readonly eventConditions: readonly { readonly eventSignature: string; readonly expression?: string }[];
  readonly alertThreshold: { readonly amount: number; readonly windowSeconds: number };
  readonly alertMessageSubject: string;
  readonly alertMessageBody: string;
  readonly severityLevel: "LOW" | "MEDIUM" | "HIGH";
  readonly riskCategory: "GOVERNANCE" | "ACCESS-CONTROL" | "SUSPICIOUS" | "TECHNICAL";
  /** Tells ours from others' monitors of the account: `proofx/NETWORK/RULE`. */
  readonly stackResourceId: string;
}

/** What a rendering needs to know of the chain. */
export interface DefenderTarget {
  readonly deployment: Deployment;
  /** Defender's name of the network; from the chain id without it. */
  readonly network?: string;
  /** Blocks until an event is told. */
  readonly confirmations: number;
}

/** Defender's names of networks that people deploy to, by chain id. */
export const DEFENDER_NETWORKS: Readonly<Record<string, string>> = {
  "1": "mainnet",
  "10": "optimism",
  "137": "matic",
  "8453": "base",
  "42161": "arbitrum",
  "80002": "amoy",
  "84532": "base-sepolia",
  "421614": "arbitrum-sepolia",
  "11155111": "sepolia",
  "11155420": "optimism-sepolia",
};

/** It knows three severities; ours are in the subject. */
const SEVERITY: Readonly<Record<Severity, DefenderMonitor["severityLevel"]>> = {
  critical: "HIGH",
  high: "HIGH",
  medium: "MEDIUM",
  low: "LOW",
};

/**
 * One monitor for each rule that stands on an event.
 *
 * @throws InputError for a chain whose name in Defender is not known.
 */
export function defenderMonitors(rules: readonly Rule[], target: DefenderTarget): DefenderMonitor[] {
  const { chainId } = target.deployment;
  const network = target.network ?? DEFENDER_NETWORKS[chainId];
  if (network === undefined)
    throw InputError.expected(
      "--defender-network",
      "Defender's name of the network",
      `nothing, for chain id ${chainId}`,
      "for a chain of your own: --defender-network NAME, as you registered it there",
    );
  return eventRules(rules).map((rule) => monitorOf(rule, target, network));
}

/** The same monitors as a file to read or to keep. */
export function renderDefender(rules: readonly Rule[], target: DefenderTarget): RenderedFile[] {
  const monitors = defenderMonitors(rules, target);
  const path = `defender/${target.deployment.network}.json`;
  return [{ path, text: `${JSON.stringify(monitors, null, 2)}\n` }];
}

/** Beginning of the {@link DefenderMonitor.stackResourceId} of all monitors of a deployment. */
export function ownedPrefix({ network }: Pick<Deployment, "network">): string {
  return `proofx/${network}/`;
}

function monitorOf(rule: EventRule, target: DefenderTarget, network: string): DefenderMonitor {
  const { source } = rule;
  const expression = (source.where ?? []).map(compared).join(" AND ");
  return {
    type: "BLOCK",
    network,
    confirmLevel: rule.confirmations ?? target.confirmations,
    name: `ProofX ${rule.id} (${target.deployment.network})`,
    addresses: addressesOf(target.deployment, source),
    abi: JSON.stringify(abiWith(source)),
    eventConditions: [{ eventSignature: source.signature, ...(expression === "" ? {} : { expression }) }],
    // Each of them, at once.
    alertThreshold: { amount: 1, windowSeconds: 1 },
    alertMessageSubject: `[${rule.severity}] ${rule.id}: ${rule.title}`,
    alertMessageBody: `{{ matchReasonsFormatted }}\n\n{{ transactionHash }}\n\nWhat to do: ${runbookOf(rule)}`,
    severityLevel: SEVERITY[rule.severity],
    riskCategory: categoryOf(rule),
    stackResourceId: `${ownedPrefix(target.deployment)}${rule.id}`,
  };
}

function compared({ argument, is, value }: Condition): string {
  // Numbers and booleans are bare words of its language; everything else is a quoted text.
  const bare = typeof value === "boolean" || /^-?\d+$/.test(value);
  return `${argument} ${is} ${bare ? String(value) : `"${value}"`}`;
}

function categoryOf({ id, source }: EventRule): DefenderMonitor["riskCategory"] {
  if (/^(Role|Admin)/.test(id)) return "ACCESS-CONTROL";
  if (source.contracts.includes("TimelockController") || id === "Upgraded") return "GOVERNANCE";
  return /Rejected|Vetoed|Distrusted|Reopened/.test(id) ? "SUSPICIOUS" : "TECHNICAL";
}
