import { getAddress, isAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { InputError } from "../../src/core/errors.ts";
import { signerCompromise, switchRelayer } from "../../src/ops/incidents/index.ts";
import { openKeys } from "../support/keys.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { parseUnsigned } from "../support/values.ts";
import { answer, type IncidentArguments, placeOf } from "./command.ts";
import { operatorHands } from "./hands.ts";

export interface SignerArguments extends IncidentArguments {
  readonly signer: string | undefined;
  readonly sinceBlock: string | undefined;
  readonly knownSenders: string | undefined;
  readonly newKey: string | undefined;
  readonly relayerConfig: string | undefined;
  readonly relayerUrl: string | undefined;
}

/** Answers scenario A of the playbook; the exit code is 1 while somebody else has to act. */
export async function answerSignerCompromise(
  args: SignerArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const signer = addressOption(
    "--signer",
    required("signer", args.signer, "the compromised signer's address"),
  );
  const newKey = required("new-key", args.newKey, "a name for the new key");
  const knownSenders = (args.knownSenders?.split(",") ?? []).map((text) =>
    addressOption("--known-senders", text),
  );
  const sinceBlock =
    args.sinceBlock === undefined ? undefined : Number(parseUnsigned("--since-block", args.sinceBlock, 53));
  const session = await openDeployedSession(hre);
  const place = placeOf(session.chain, "signer-compromise", signer, args);
  const options = { keys: { admin: args.key }, out: place.out, confirm: args.confirm, patience: 0 };
  return answer(
    {
      incident: "signer-compromise",
      chain: session.chain,
      place,
      // Since when it is doubted may change: distrust only widens.
      given: { signer, "new-key": newKey },
      hands: operatorHands(session, options, io),
      steps: (state, hands) =>
        signerCompromise({
          context: session,
          hands,
          state,
          signer,
          sinceBlock,
          knownSenders,
          keys: openKeys(),
          newKey,
          switchRelayer: relayerSwitch(args),
        }),
    },
    args.dryRun,
    io,
  );
}

function relayerSwitch({ relayerConfig, relayerUrl }: SignerArguments) {
  if (relayerConfig !== undefined) {
    const place = { config: relayerConfig, url: relayerUrl };
    return (keyName: string, address: string) => switchRelayer(place, keyName, address);
  }
  if (relayerUrl === undefined) return undefined;
  throw InputError.expected("--relayer-config", "the relayer's configuration file", undefined);
}

function addressOption(name: string, text: string): string {
  if (!isAddress(text)) throw InputError.expected(name, "an address", text);
  return getAddress(text);
}

export default action(answerSignerCompromise);
