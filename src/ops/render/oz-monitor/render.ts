import type { Deployment } from "../../../chain/deployment.ts";
import { InputError } from "../../../core/errors.ts";
import { type Condition, type Rule, runbookOf } from "../../monitors/rule.ts";
import { abiWith, addressesOf, type EventRule, eventRules } from "../events.ts";
import type { RenderedFile } from "../rendered.ts";
import { findConfigFaults } from "./check.ts";

/** How OpenZeppelin Monitor can tell somebody. */
export const CHANNELS = ["webhook", "slack", "discord"] as const;
export type Channel = (typeof CHANNELS)[number];

/** What a configuration needs to know of the chain and of who is told. */
export interface OzMonitorTarget {
  readonly deployment: Deployment;
  /** Blocks on top of an event's own until it is told; it knows one figure a network, and no retraction. */
  readonly confirmations: number;
  readonly blockSeconds: number;
  readonly channel: Channel;
}

/** Environment variables that its configuration names; their values never come here. */
export const ENVIRONMENT = {
  rpc: "PROOFX_RPC_URL",
  webhook: "PROOFX_WEBHOOK_URL",
  webhookSecret: "PROOFX_WEBHOOK_SECRET",
  slack: "PROOFX_SLACK_URL",
  discord: "PROOFX_DISCORD_URL",
} as const;

/** Seconds between two of its looks for new blocks. */
const EVERY = 15;

/**
 * A configuration folder of OpenZeppelin Monitor: one network, a monitor and a trigger for each rule that stands on an
 * event.
 *
 * @throws InputError when the network's name cannot be a slug; Error when it would refuse what was made.
 */
export function renderOzMonitor(rules: readonly Rule[], target: OzMonitorTarget): RenderedFile[] {
  const slug = slugOf(target.deployment.network);
  const events = eventRules(rules);
  const triggers = Object.fromEntries(
    events.map((rule) => [triggerKey(rule, slug), triggerOf(rule, target)]),
  );
  const files = [
    file(`networks/${slug}.json`, networkOf(target, slug)),
    ...events.map((rule) => file(`monitors/${slug}_${snake(rule.id)}.json`, monitorOf(rule, target, slug))),
    file(`triggers/${slug}.json`, triggers),
  ];
  const faults = findConfigFaults(files);
  if (faults.length > 0) throw new Error(`OpenZeppelin Monitor would refuse this:\n${faults.join("\n")}`);
  return files;
}

function file(path: string, value: object): RenderedFile {
  return { path: `oz-monitor/${path}`, text: `${JSON.stringify(value, null, 2)}\n` };
}

function networkOf({ deployment, confirmations, blockSeconds }: OzMonitorTarget, slug: string): object {
  if (confirmations < 1)
    throw InputError.expected(
      "--confirmations",
      "at least 1, which OpenZeppelin Monitor demands",
      confirmations,
    );
  return {
    network_type: "EVM",
    slug,
    name: `ProofX ${deployment.network}`,
    rpc_urls: [{ type_: "rpc", url: environment(ENVIRONMENT.rpc), weight: 100 }],
    chain_id: Number(deployment.chainId),
    block_time_ms: Math.max(100, Math.round(blockSeconds * 1000)),
    confirmation_blocks: confirmations,
    cron_schedule: `*/${EVERY} * * * * *`,
    // A day's blocks: what came while it was down is still looked at.
    max_past_blocks: Math.ceil(86_400 / blockSeconds) + confirmations + 1,
    store_blocks: false,
  };
}

function monitorOf(rule: EventRule, target: OzMonitorTarget, slug: string): object {
  const { source } = rule;
  const expression = (source.where ?? []).map(compared).join(" AND ");
  return {
    name: `ProofX ${rule.id} (${slug})`,
    paused: false,
    networks: [slug],
    addresses: addressesOf(target.deployment, source).map((address) => ({
      address,
      contract_spec: abiWith(source),
    })),
    match_conditions: {
      functions: [],
      events: [{ signature: source.signature, expression: expression === "" ? null : expression }],
      transactions: [],
    },
    trigger_conditions: [],
    triggers: [triggerKey(rule, slug)],
  };
}

function triggerOf(rule: EventRule, { channel, deployment }: OzMonitorTarget): object {
  const facts = rule.source.labels.map((name) => `${name}: ${variable(`events.0.args.${name}`)}`);
  const message = {
    // It has no severities of its own.
    title: `[${rule.severity}] ${rule.id}`,
    body: [
      `${rule.title} (${deployment.network}).`,
      ...facts,
      `transaction: ${variable("transaction.hash")}`,
      `What to do: ${runbookOf(rule)}`,
    ].join("\n"),
  };
  return { name: `ProofX ${rule.id}`, trigger_type: channel, config: { ...placeOf(channel), message } };
}

/** A place in a message that it fills in. */
function variable(name: string): string {
  return `\${${name}}`;
}

function placeOf(channel: Channel): object {
  if (channel === "slack") return { slack_url: environment(ENVIRONMENT.slack) };
  if (channel === "discord") return { discord_url: environment(ENVIRONMENT.discord) };
  return {
    url: environment(ENVIRONMENT.webhook),
    secret: environment(ENVIRONMENT.webhookSecret),
    method: "POST",
    headers: { "Content-Type": "application/json" },
  };
}

function environment(value: string): object {
  return { type: "environment", value };
}

function compared({ argument, is, value }: Condition): string {
  const bare = typeof value === "boolean" || /^-?\d+$/.test(value);
  return `${argument} ${is} ${bare ? String(value) : `'${value}'`}`;
}

function triggerKey({ id }: Pick<Rule, "id">, slug: string): string {
  return `${slug}_${snake(id)}`;
}

/** `RoleGranted` -> `role_granted`. */
function snake(id: string): string {
  return id.replaceAll(/(?<!^)[A-Z]/g, "_$&").toLowerCase();
}

function slugOf(network: string): string {
  const slug = network.toLowerCase().replaceAll("-", "_");
  if (!/^[a-z0-9_]+$/.test(slug))
    throw InputError.expected("network", "letters, digits, - and _ alone", network);
  return slug;
}
