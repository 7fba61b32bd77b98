import { abiOf } from "../../chain/artifacts.ts";
import { decodeCall, timeText } from "../../chain/changes/index.ts";
import { connect } from "../../chain/contracts.ts";
import { contractOf } from "../../chain/deployment.ts";
import { logsOf } from "../../chain/logs.ts";
import type { Finding, Probe } from "../alerts/finding.ts";
import type { ChainView } from "./chain.ts";
import { ageText } from "./finding.ts";

/** Blocks read again at each look, in case the chain took some back. */
const OVERLAP = 128;
/** What `getTimestamp` says of an operation that was executed; 0 is one that was cancelled. */
const DONE = 1n;

/** An operation that was scheduled. */
interface Scheduled {
  /** In words. */
  readonly calls: string[];
  /** The first block in which it was seen to be over; one that is over for good is forgotten. */
  overAt?: number;
}

/**
 * Operations of the timelock that anybody with the right may execute now: the subject is the operation's id, the figure the
 * seconds since it became ready. One that still waits is a subject, too, not in breach.
 */
export function timelockReadyProbe(chain: ChainView): Probe {
  const known = new Map<string, Scheduled>();
  let next: number | undefined;
  return {
    name: "timelock-ready",
    every: 60,
    look: async () => {
      const { number, timestamp } = await chain.head();
      const from = next ?? contractOf(chain.deployment, "timelock").blockNumber;
      await chain.ask(() => readScheduled(chain, from, number, known));
      next = Math.max(from, number + 1 - OVERLAP);
      const { timelock } = connect(chain.deployment, chain.provider);
      const findings: Finding[] = [];
      for (const [id, operation] of known) {
        const readyAt = await chain.ask(() => timelock.getTimestamp(id, { blockTag: number }));
        if (readyAt > DONE) {
          delete operation.overAt;
          findings.push(findingOf(id, operation.calls, readyAt, timestamp));
          continue;
        }
        operation.overAt ??= number;
        if (number - operation.overAt > OVERLAP) known.delete(id);
      }
      return findings;
    },
  };
}

function findingOf(id: string, calls: readonly string[], readyAt: bigint, now: number): Finding {
  const since = now - Number(readyAt);
  const words = calls.join("; ");
  const state =
    since >= 0
      ? `ready since ${timeText(readyAt)} (${ageText(since)})`
      : `waiting until ${timeText(readyAt)}`;
  return {
    subject: id,
    breached: since >= 0,
    summary: `${state}: ${words}`.slice(0, 500),
    value: Math.max(0, since),
    details: { operation: id, calls: words.slice(0, 2_000), readyAt: timeText(readyAt) },
  };
}

/** Notes every operation that was scheduled in these blocks, with its calls in words. */
async function readScheduled(
  { provider, deployment }: ChainView,
  from: number,
  to: number,
  known: Map<string, Scheduled>,
): Promise<void> {
  const abi = abiOf("TimelockController");
  const { address } = contractOf(deployment, "timelock");
  const topic = abi.getEvent("CallScheduled")?.topicHash ?? "";
  for await (const log of logsOf(provider, address, [topic], from, to)) {
    const event = abi.parseLog(log);
    if (event === null) continue;
    const { id, index, target, data } = event.args;
    const operation = known.get(id) ?? { calls: [] };
    operation.calls[Number(index)] = decodeCall({ provider, deployment }, { to: target, data }).description;
    known.set(id, operation);
  }
}
