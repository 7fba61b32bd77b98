import { getAddress, type Provider, ZeroAddress } from "ethers";
import { RefusedError } from "../../core/errors.ts";
import { type Change, exactly, makeChange } from "../change.ts";
import { adminSender, type ChangeContext, callOf, chainTime, contractsOf, timeText } from "./context.ts";

/** The contracts that have a default admin of their own; a transfer covers both. */
export const ADMINISTERED = ["verifier", "registry"] as const;
export type AdministeredContract = (typeof ADMINISTERED)[number];

/** A transfer of the default admin that was begun and not accepted yet. */
export interface PendingTransfer {
  readonly newAdmin: string;
  /** Unix time (s) after which the new admin may accept. */
  readonly acceptableAfter: bigint;
}

/** The transfer a contract waits for; undefined when there is none. */
export async function pendingTransfer(
  context: ChangeContext,
  contract: AdministeredContract,
  provider: Provider = context.provider,
): Promise<PendingTransfer | undefined> {
  const { newAdmin, schedule } = await contractsOf(context, provider)[contract].pendingDefaultAdmin();
  return newAdmin === ZeroAddress ? undefined : { newAdmin, acceptableAfter: schedule };
}

/**
 * Begins to hand the default admin of one contract to another account, which accepts after the contract's delay. The
 * timelock's proposer, executor and canceller do not follow: they are granted and revoked through the timelock.
 */
export async function transferAdmin(
  context: ChangeContext,
  contract: AdministeredContract,
  newAdmin: string,
): Promise<Change> {
  const whom = getAddress(newAdmin);
  const call = callOf(
    context,
    contract,
    "beginDefaultAdminTransfer",
    [whom],
    `Begin to transfer the default admin of the ${contract} to ${whom}`,
  );
  return makeChange(context.provider, call, await adminSender(context, contract), [
    exactly(`new default admin the ${contract} waits for`, whom, async (now) => {
      const pending = await pendingTransfer(context, contract, now);
      return pending?.newAdmin ?? "none";
    }),
  ]);
}

/** Takes back a transfer that was not accepted yet, e.g. one that a thief of the admin's key began. */
export async function cancelAdminTransfer(
  context: ChangeContext,
  contract: AdministeredContract,
): Promise<Change> {
  const description = `Cancel the transfer of the ${contract}'s default admin`;
  const call = callOf(context, contract, "cancelDefaultAdminTransfer", [], description);
  return makeChange(context.provider, call, await adminSender(context, contract), [
    exactly(`new default admin the ${contract} waits for`, "none", async (now) => {
      const pending = await pendingTransfer(context, contract, now);
      return pending?.newAdmin ?? "none";
    }),
  ]);
}

/**
 * Accepts the default admin of one contract, as the new admin.
 *
 * @param newAdmin Who is to be the admin: tells a transfer that was accepted from one that was never begun.
 * @throws RefusedError while the delay runs, with the time it may be accepted, and when there is no such transfer.
 */
export async function acceptAdmin(
  context: ChangeContext,
  contract: AdministeredContract,
  newAdmin: string,
): Promise<Change> {
  const whom = getAddress(newAdmin);
  const read = (provider: Provider) => contractsOf(context, provider)[contract].defaultAdmin();
  if ((await read(context.provider)) !== whom) await requireAcceptable(context, contract, whom);
  const description = `Accept the default admin of the ${contract} as ${whom}`;
  const call = callOf(context, contract, "acceptDefaultAdminTransfer", [], description);
  const sender = {
    as: "new default admin",
    accounts: [whom],
    allows: async (account: string) => getAddress(account) === whom,
  };
  return makeChange(context.provider, call, sender, [
    exactly(`default admin of the ${contract}`, whom, read),
  ]);
}

async function requireAcceptable(
  context: ChangeContext,
  contract: AdministeredContract,
  newAdmin: string,
): Promise<void> {
  const pending = await pendingTransfer(context, contract);
  if (pending?.newAdmin !== newAdmin) {
    throw new RefusedError(
      `the ${contract} waits for ${pending === undefined ? "no new default admin" : pending.newAdmin}, not for ${newAdmin}`,
      {
        next: `npx hardhat roles transfer-admin --to ${newAdmin} …, sent by the admin, begins it`,
      },
    );
  }
  if (pending.acceptableAfter < (await chainTime(context.provider))) return;
  throw new RefusedError(
    `the transfer of the ${contract}'s default admin cannot be accepted before ${timeText(pending.acceptableAfter + 1n)}`,
    {
      next: "run it again then; until then the admin can cancel: npx hardhat roles transfer-admin --cancel …",
    },
  );
}
