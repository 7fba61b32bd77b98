import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { contractOf } from "../../src/chain/deployment.ts";
import { circuitBug, type FixedKey } from "../../src/ops/incidents/index.ts";
import { chooseKey, type SetupArguments } from "../circuit-version/setup.ts";
import { type PrepareWork, prepareContract } from "../support/later-contract.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { parseUnsigned } from "../support/values.ts";
import { answer, type IncidentArguments, patienceOf, placeOf } from "./command.ts";
import { operatorHands } from "./hands.ts";

export interface CircuitArguments extends IncidentArguments, SetupArguments {
  readonly circuitVersion: string | undefined;
  readonly guardian: string | undefined;
  readonly deployer: string | undefined;
  readonly patience: string | undefined;
}

/** Answers scenario B of the playbook; the exit code is 1 while somebody else has to act or a delay runs. */
export async function answerCircuitBug(
  args: CircuitArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const text = required("circuit-version", args.circuitVersion, "the number of the broken circuit version");
  const version = Number(parseUnsigned("--circuit-version", text, 32));
  const session = await openDeployedSession(hre);
  const place = placeOf(session.chain, "circuit-bug", `v${version}`, args);
  const keys = { admin: args.key, guardian: args.guardian ?? args.key };
  const options = { keys, out: place.out, confirm: args.confirm, patience: patienceOf(args.patience) };
  // Once a run: a key that was brought is verified from scratch, which takes a minute.
  let key: Promise<FixedKey> | undefined;
  const fixedKey = (): Promise<FixedKey> => {
    key ??= chooseKey(args, session.chain, io);
    return key;
  };
  const work: PrepareWork = { hre, session, args: { ...args, from: undefined, out: undefined }, io };
  return answer(
    {
      incident: "circuit-bug",
      chain: session.chain,
      place,
      // The setup may be named later; once it was looked at, only its key is deployed.
      given: { "circuit-version": String(version) },
      hands: operatorHands(session, options, io),
      steps: (state, hands) =>
        circuitBug({
          context: session,
          hands,
          state,
          version,
          fixedKey,
          deployVerifier: (key) => deployVerifier(work, key),
        }),
    },
    args.dryRun,
    io,
  );
}

async function deployVerifier(work: PrepareWork, { verifyingKey, hash }: FixedKey): Promise<string> {
  const { deployment } = work.session;
  if (hash === deployment.setup.verificationKeyHash) return contractOf(deployment, "circuitVerifier").address;
  const { address } = await prepareContract(work, {
    step: "incident-circuit-bug",
    role: `circuitVerifier:${hash}`,
    artifact: "Groth16Verifier",
    args: [verifyingKey],
  });
  return address;
}

export default action(answerCircuitBug);
