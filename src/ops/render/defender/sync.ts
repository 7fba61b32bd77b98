import type { DefenderAccount, StoredMonitor } from "./account.ts";
import type { DefenderMonitor } from "./monitors.ts";

/** What would make the account hold exactly our monitors. */
export type SyncStep =
  | { readonly act: "create"; readonly monitor: DefenderMonitor }
  | {
      readonly act: "update";
      readonly id: string;
      readonly monitor: DefenderMonitor;
      /** Fields that differ. */
      readonly fields: readonly string[];
    }
  /** Ours, and of a rule that is no more; or a second one of a rule, which a lost answer leaves. */
  | { readonly act: "delete"; readonly id: string; readonly name: string };

/**
 * Compares; nothing when the account is as it should be. Monitors that are not ours are never touched.
 *
 * @param owned Beginning of the stack resource ids of our monitors.
 */
export function planSync(
  wanted: readonly DefenderMonitor[],
  channels: readonly string[],
  there: readonly StoredMonitor[],
  owned: string,
): SyncStep[] {
  const ours = there.filter(({ stackResourceId }) => stackResourceId?.startsWith(owned) === true);
  const kept = new Set<string>();
  const steps: SyncStep[] = [];
  for (const monitor of wanted) {
    const found = ours.find(({ stackResourceId }) => stackResourceId === monitor.stackResourceId);
    if (found === undefined) {
      steps.push({ act: "create", monitor });
      continue;
    }
    kept.add(found.monitorId);
    const fields = differences(monitor, channels, found);
    if (fields.length > 0) steps.push({ act: "update", id: found.monitorId, monitor, fields });
  }
  for (const { monitorId, name } of ours)
    if (!kept.has(monitorId)) steps.push({ act: "delete", id: monitorId, name });
  return steps;
}

/** Does the steps in order; each of them may be repeated, so that a broken sync is simply begun again. */
export async function applySync(
  account: DefenderAccount,
  steps: readonly SyncStep[],
  channels: readonly string[],
  done: (step: SyncStep) => void,
): Promise<void> {
  for (const step of steps) {
    if (step.act === "create") await account.create(step.monitor, channels);
    else if (step.act === "update") await account.update(step.id, step.monitor, channels);
    else await account.delete(step.id);
    done(step);
  }
}

/** One line for a person. */
export function stepLine(step: SyncStep): string {
  if (step.act === "create") return `create  ${step.monitor.name}`;
  if (step.act === "delete") return `delete  ${step.name} (${step.id})`;
  return `update  ${step.monitor.name}: ${step.fields.join(", ")}`;
}

function differences(wanted: DefenderMonitor, channels: readonly string[], found: StoredMonitor): string[] {
  const [rule] = found.addressRules;
  const conditions = (rule?.conditions ?? []).flatMap(({ eventConditions }) => eventConditions);
  const condition = (each: { eventSignature: string; expression?: string | null | undefined }) => [
    each.eventSignature,
    each.expression ?? "",
  ];
  const pairs: Record<string, readonly [unknown, unknown]> = {
    name: [wanted.name, found.name],
    paused: [false, found.paused ?? false],
    network: [wanted.network, found.network],
    confirmLevel: [String(wanted.confirmLevel), found.blockWatcherId.split("-").at(-1)],
    addresses: [sorted(wanted.addresses), sorted(rule?.addresses ?? [])],
    abi: [JSON.parse(wanted.abi), parsed(rule?.abi)],
    eventConditions: [wanted.eventConditions.map(condition), conditions.map(condition)],
    alertThreshold: [thresholdOf(wanted.alertThreshold), thresholdOf(found.alertThreshold)],
    alertMessageSubject: [wanted.alertMessageSubject, found.notifyConfig?.messageSubject],
    alertMessageBody: [wanted.alertMessageBody, found.notifyConfig?.messageBody],
    severityLevel: [wanted.severityLevel, found.notifyConfig?.severityLevel],
    riskCategory: [wanted.riskCategory, found.riskCategory],
    notificationChannels: [
      sorted(channels),
      sorted((found.notifyConfig?.notifications ?? []).map(({ notificationId }) => notificationId)),
    ],
  };
  return Object.entries(pairs)
    .filter(([, [ours, theirs]]) => JSON.stringify(ours) !== JSON.stringify(theirs))
    .map(([field]) => field);
}

function sorted(texts: readonly string[]): string[] {
  return texts.map((text) => text.toLowerCase()).sort();
}

function thresholdOf(given: { amount: number; windowSeconds: number } | undefined) {
  return [given?.amount, given?.windowSeconds];
}

function parsed(abi: string | undefined): unknown {
  try {
    return JSON.parse(abi ?? "null");
  } catch {
    return undefined;
  }
}
