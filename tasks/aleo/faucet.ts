import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { accountOfPrivateKey } from "../../src/aleo/account.ts";
import { credits, openAleo } from "../../src/aleo/client.ts";
import { DEVELOPMENT_KEYS } from "../../src/aleo/development-keys.ts";
import { requireAddress } from "../../src/aleo/ledger.ts";
import { InputError, RefusedError } from "../../src/core/errors.ts";
import { action, type TaskResult } from "../support/task.ts";
import { parseUnsigned } from "../support/values.ts";
import { accountFor } from "./support/account.ts";
import { type AleoArguments, openAleoSession } from "./support/session.ts";

interface FaucetArguments extends AleoArguments {
  readonly to: string | undefined;
  readonly key: string | undefined;
  readonly amount: string | undefined;
}

/** Microcredits: enough to deploy both programs several times. */
const AMOUNT = "100000000";

/** Sends credits of an account that every development ledger begins with, whose key is no secret. */
export async function faucet(args: FaucetArguments, _hre: HardhatRuntimeEnvironment): Promise<TaskResult> {
  if ((args.to === undefined) === (args.key === undefined)) {
    throw InputError.expected("--to", "an address, or --key and no address", args.to);
  }
  const amount = parseUnsigned("--amount", args.amount ?? AMOUNT, 64);
  const session = await openAleoSession(args);
  if (session.network !== "devnode") {
    throw new RefusedError(
      `${session.ledger.url} is no development ledger, so nothing can be given away there`,
      {
        next:
          session.network === "testnet"
            ? "ask the testnet's own faucet, at https://faucet.aleo.org"
            : "have the treasury's account send credits",
      },
    );
  }
  const to = args.to === undefined ? (await accountFor(args.key)).address : requireAddress(args.to);
  // The first makes the blocks; the second is used for nothing else.
  const bank = await accountOfPrivateKey(DEVELOPMENT_KEYS[1]);
  const before = await session.ledger.balance(to);
  const client = openAleo({ ledger: session.ledger, account: bank });
  const sent = await client.execute("credits.aleo", "transfer_public", [to, `${amount}u64`]);
  const after = await session.ledger.balance(to);
  return {
    data: { status: "sent", to, amount, before, after, id: sent.id, height: sent.height },
    lines: [
      `${to}: ${credits(before)} -> ${credits(after)}`,
      `  transaction ${sent.id} in block ${sent.height}`,
    ],
  };
}

export default action(faucet);
