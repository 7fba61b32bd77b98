import { getAddress } from "ethers";
import { InputError } from "../../core/errors.ts";
import { type Aspect, type Change, makeChange } from "../change.ts";
import { readCircuitVersion, requireVersion } from "./circuit-versions.ts";
import { adminSender, type ChangeContext, callOf, chainTime, contractsOf, timeText } from "./context.ts";

const TRUSTED = 2n ** 64n - 1n;

/**
 * Voids what a signer attested at or after `since`, and refuses it from now on.
 *
 * @param since Unix time (s), not in the future. Distrust only widens: an earlier one is already so.
 */
export async function distrustSigner(context: ChangeContext, signer: string, since: bigint): Promise<Change> {
  const whom = getAddress(signer);
  await requirePast(context, since);
  const call = callOf(
    context,
    "verifier",
    "distrustSigner",
    [whom, since],
    `Distrust signer ${whom} since ${timeText(since)}`,
  );
  const aspect = distrusted(`signer ${whom}`, since, async (now) => {
    const recorded = await contractsOf(context, now).verifier.signerDistrustedSince(whom);
    return recorded === TRUSTED ? undefined : recorded;
  });
  return makeChange(context.provider, call, await adminSender(context, "verifier"), [aspect]);
}

/**
 * Voids what a circuit version accepted at or after `since`, and refuses its proofs from now on.
 *
 * @param since Unix time (s), not in the future. Distrust only widens: an earlier one is already so.
 */
export async function distrustCircuitVersion(
  context: ChangeContext,
  version: number,
  since: bigint,
): Promise<Change> {
  await requireVersion(context, version);
  await requirePast(context, since);
  const call = callOf(
    context,
    "verifier",
    "distrustCircuitVersion",
    [version, since],
    `Distrust circuit version ${version} since ${timeText(since)}`,
  );
  const aspect = distrusted(
    `circuit version ${version}`,
    since,
    async (now) => (await readCircuitVersion(context, version, now)).distrustedSince,
  );
  return makeChange(context.provider, call, await adminSender(context, "verifier"), [aspect]);
}

function distrusted(
  what: string,
  since: bigint,
  read: (now: ChangeContext["provider"]) => Promise<bigint | undefined>,
): Aspect {
  return {
    what,
    after: sinceText(since),
    read: async (now) => {
      const recorded = await read(now);
      return {
        shows: recorded === undefined ? "trusted" : sinceText(recorded),
        holds: recorded !== undefined && recorded <= since,
      };
    },
  };
}

async function requirePast(context: ChangeContext, since: bigint): Promise<void> {
  const now = await chainTime(context.provider);
  if (since >= 0n && since <= now) return;
  throw InputError.expected(
    "since",
    `a time that is not in the future, up to ${timeText(now)}`,
    timeText(since),
  );
}

function sinceText(since: bigint): string {
  return `distrusted since ${timeText(since)}`;
}
