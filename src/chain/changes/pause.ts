import { getAddress, type Provider } from "ethers";
import { type Aspect, type Change, exactly, makeChange, type Reading } from "../change.ts";
import {
  adminSender,
  anyOf,
  type ChangeContext,
  callOf,
  chainTime,
  contractsOf,
  roleSender,
  timeText,
} from "./context.ts";

/** How long the default admin's pause lasts (s); `ADMIN_PAUSE` in PauseControl.sol. */
const ADMIN_PAUSE = 30n * 86_400n;

/**
 * Pauses attesting at once. A guardian's pause takes what is left of the guardians' 7 days; the admin's lasts 30 days
 * from now, also over a running pause.
 *
 * @param renew The admin makes a running pause longer; without it, a paused chain is already so.
 */
export async function pause(context: ChangeContext, { renew = false } = {}): Promise<Change> {
  const admin = await adminSender(context, "verifier");
  const { guardians } = context.deployment.settings;
  const guardian = await roleSender(context, "verifier", "PAUSER_ROLE", guardians);
  const sender = renew ? admin : anyOf("default admin or a PAUSER_ROLE", admin, guardian);
  const call = callOf(
    context,
    "verifier",
    "pause",
    [],
    renew ? "Renew the pause of attesting" : "Pause attesting",
  );
  const least = (await chainTime(context.provider)) + ADMIN_PAUSE;
  const renewed: Aspect = {
    what: "attesting",
    after: `paused until ${timeText(least)} or later`,
    read: async (now) => {
      const { shows, until } = await pauseState(context, now);
      return { shows, holds: until >= least };
    },
  };
  const paused: Aspect = {
    what: "attesting",
    after: "paused: by the admin for 30 days, by a guardian for what is left of their 7",
    read: async (now) => pauseState(context, now),
  };
  return makeChange(context.provider, call, sender, [renew ? renewed : paused]);
}

/** Ends a pause. */
export async function unpause(context: ChangeContext): Promise<Change> {
  const call = callOf(context, "verifier", "unpause", [], "Resume attesting");
  return makeChange(context.provider, call, await adminSender(context, "verifier"), [
    exactly("attesting", RUNNING, async (now) => (await pauseState(context, now)).shows),
  ]);
}

/** Gives a guardian that paused its right to pause back. */
export async function rearmGuardian(context: ChangeContext, guardian: string): Promise<Change> {
  const whom = getAddress(guardian);
  const call = callOf(context, "verifier", "rearmGuardian", [whom], `Re-arm guardian ${whom}`);
  return makeChange(context.provider, call, await adminSender(context, "verifier"), [
    exactly(`right to pause of guardian ${whom}`, "unused", async (now) =>
      (await contractsOf(context, now).verifier.guardianSpent(whom)) ? "used" : "unused",
    ),
  ]);
}

const RUNNING = "not paused";

async function pauseState(context: ChangeContext, now: Provider): Promise<Reading & { until: bigint }> {
  const { verifier } = contractsOf(context, now);
  const [until, paused] = await Promise.all([verifier.pausedUntil(), verifier.paused()]);
  return { shows: paused ? `paused until ${timeText(until)}` : RUNNING, holds: paused, until };
}
