import { parseReceipt, type Receipt } from "../../../src/core/log/index.ts";
import type { SignedEvent, StreamAgent } from "./agents.ts";
import { bundle } from "./bundle.ts";
import { beginLife, type Life, MODULES } from "./life.ts";
import { randomFrom } from "./random.ts";

export interface KillPlan {
  /** Names the child's database and keys. */
  readonly settingsFile: string;
  readonly agents: readonly StreamAgent[];
  readonly kills: number;
  /** Processes at a time on the one database. */
  readonly processes: number;
  readonly seed: number;
  /** Longest time from the first answer to the kill; ms. */
  readonly longest: number;
}

/** An event with every answer that somebody got for it. */
export interface Told {
  readonly agent: StreamAgent;
  readonly event: SignedEvent;
  readonly receipts: Receipt[];
}

/** Events of each stream that are under way at a time, in each process. */
const IN_FLIGHT = 8;

/**
 * Sends events to processes that are killed at random moments and begun again, several streams at once, until `kills` were
 * killed, the way in alone and one time in five the whole service; then sends again what nobody answered for, to a service that lives.
 *
 * @returns Every event that was ever sent.
 */
export async function runKills(plan: KillPlan): Promise<Told[]> {
  const sent: Told[] = [];
  const open = new Set<Told>();
  const random = randomFrom(plan.seed);
  let left = plan.kills;
  const [ingest, service] = await Promise.all([bundle(MODULES.ingest), bundle(MODULES.service)]);
  const inTurns = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const moment = random() * plan.longest;
      const { path } = left % 5 === 0 ? service : ingest;
      const life = await beginLife(path, plan.settingsFile);
      const load = underLoad(life, plan.agents, sent, open);
      await Promise.race([load.answered, load.done]);
      await new Promise((resolve) => setTimeout(resolve, moment));
      await life.kill();
      await load.done;
    }
  };
  try {
    await Promise.all(Array.from({ length: plan.processes }, inTurns));
    const last = await beginLife(service.path, plan.settingsFile);
    try {
      for (const told of open) await tell(last, told, open);
    } finally {
      await last.kill();
    }
  } finally {
    for (const each of [ingest, service]) each.remove();
  }
  return sent;
}

/** Keeps events of every stream under way until the process is gone; what was left open before goes first. */
function underLoad(life: Life, agents: readonly StreamAgent[], sent: Told[], open: Set<Told>) {
  let first = (): void => {};
  const answered = new Promise<void>((resolve) => {
    first = resolve;
  });
  const again = [...open].slice(0, IN_FLIGHT);
  const sendOn = async (agent: StreamAgent): Promise<void> => {
    for (;;) {
      const told = again.pop() ?? fresh(agent, sent, open);
      if (!(await tell(life, told, open))) return;
      first();
    }
  };
  const senders = agents.flatMap((agent) => Array.from({ length: IN_FLIGHT }, () => sendOn(agent)));
  return { answered, done: Promise.all(senders).then(() => {}) };
}

function fresh(agent: StreamAgent, sent: Told[], open: Set<Told>): Told {
  const told: Told = { agent, event: agent.next(), receipts: [] };
  sent.push(told);
  open.add(told);
  return told;
}

/** False when the process is gone. A refusal of a good event is a fault. */
async function tell(life: Life, told: Told, open: Set<Told>): Promise<boolean> {
  const { agent, event } = told;
  const answer = await life.submit({ tenant: agent.tenant, storeId: agent.store, event: event.json });
  if (answer === undefined) return false;
  if ("refused" in answer) throw new Error(`event ${event.eventId} was refused: ${answer.refused}`);
  told.receipts.push(parseReceipt(answer.receipt));
  open.delete(told);
  return true;
}
