import { setTimeout as sleep } from "node:timers/promises";
import { type Started, signalGroup } from "../support/process.ts";
import { endedWithin, kill, locksIn, markedProcesses } from "./leftovers.ts";
import type { User } from "./machine.ts";
import { LIMITS, Visit } from "./visit.ts";

const START = ["npm", "start"];

/** Seconds later than Ctrl-C that the kill comes: after the contracts are compiled, while phase 2 runs. */
const INTO_SETUP = 22;

/**
 * Interrupts a first start in the middle, once by Ctrl-C and once by killing the story's process outright, and starts
 * again. Ctrl-C must leave no process and no lock; a killed story must take its children with it.
 *
 * @param afterSeconds how far into the first start the interruption comes.
 */
export async function interruptedStart(
  node: string,
  user: User,
  work: string,
  afterSeconds: number,
): Promise<Visit> {
  const visit = await Visit.begin(node, user, work, "interrupt");
  if (!(await visit.step("npm ci", ["npm", "ci"], LIMITS.install, "online"))) return visit;

  const stopped = visit.begin("npm start until Ctrl-C", START);
  await running(visit, stopped, afterSeconds);
  // A terminal's Ctrl-C reaches the whole foreground group at once.
  signalGroup(stopped.pid, "SIGINT");
  await reportLeft(visit, "Ctrl-C", 15);
  visit.check("Ctrl-C leaves no lock", locksIn(visit.clone).length === 0, locksIn(visit.clone).join("\n"));
  await visit.checkClean();
  await visit.step("npm start after Ctrl-C", START, LIMITS.first, "offline");

  // Back to the state before a first start; what npm ci installed stays.
  await visit.step("git clean", ["git", "clean", "-fdxq", "-e", "node_modules"], 60, "offline");
  const killed = visit.begin("npm start until kill -9", START);
  await running(visit, killed, afterSeconds + INTO_SETUP);
  const story = markedProcesses(visit.mark).filter(({ command }) =>
    /node\S* scripts\/story\/main\.ts/.test(command),
  );
  visit.check("the story's process is found", story.length > 0, "no process runs scripts/story/main.ts");
  for (const { pid } of story) kill(pid);
  await reportLeft(visit, "kill -9", 20);
  await visit.step("npm start after kill -9", START, LIMITS.first, "offline");
  await visit.checkClean();
  return visit;
}

async function running(visit: Visit, started: Started, seconds: number): Promise<void> {
  const ended = await Promise.race([started.ended, sleep(seconds * 1000)]);
  visit.check(
    `the first start still runs after ${seconds} s`,
    ended === undefined,
    started.output().slice(-2000),
  );
}

async function reportLeft(visit: Visit, what: string, seconds: number): Promise<void> {
  const left = await endedWithin(visit.mark, seconds);
  visit.check(`${what} leaves no process`, left.length === 0, left.map(({ command }) => command).join("\n"));
}
