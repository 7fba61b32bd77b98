import { isHexString, keccak256 } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { linkedBytecode } from "../../src/chain/artifacts.ts";
import { openUpgrades, upgradeVerifier } from "../../src/chain/changes/index.ts";
import { contractOf } from "../../src/chain/deployment.ts";
import { implementationOf, runsCode } from "../../src/chain/verify.ts";
import { CheckError, InputError, RefusedError } from "../../src/core/errors.ts";
import { buildContracts } from "../support/build.ts";
import { type Prepared, prepareContract } from "../support/later-contract.ts";
import { type DeployedSession, openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { type TimelockArguments, throughTimelock } from "../support/through-timelock.ts";
import { parseAddress } from "../support/values.ts";
import { noteImplementation } from "./note.ts";
import { type Compiled, compiled, shortName, validateUpgrade } from "./validate.ts";

export interface ScheduleArguments extends TimelockArguments {
  readonly contract: string | undefined;
  readonly reference: string | undefined;
  readonly implementation: string | undefined;
  readonly call: string | undefined;
  readonly deployer: string | undefined;
}

/** Validates and deploys a new implementation, and takes the upgrade to it a step further through the timelock. */
export async function scheduleUpgrade(
  args: ScheduleArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const name = required("contract", args.contract, "the name of the new implementation's contract");
  const call = args.call ?? "0x";
  if (!isHexString(call)) throw InputError.expected("--call", "calldata as 0x hex", call);
  const session = await openDeployedSession(hre);
  await buildContracts(hre, io);
  const next = await compiled(hre, "--contract", name, session.deployment);
  await requireAlone(session, next);
  await validated(hre, session, next, args.reference, io);
  const work = { hre, session, args, io };
  const prepared = await implementationFor(work, next);
  try {
    const { address, fork } = prepared;
    const result = await throughTimelock(
      { ...work, ...(fork === undefined ? {} : { fork }) },
      (context) => upgradeVerifier(context, address, call),
      { implementation: address, contract: next.name },
    );
    await noteImplementation(session);
    return result;
  } finally {
    await prepared.fork?.close();
  }
}

/**
 * Storage is compared with what the proxy runs now. With another upgrade executed in between, the one scheduled here would
 * take over a storage it was never compared with.
 */
async function requireAlone(session: DeployedSession, next: Compiled): Promise<void> {
  for (const { operationId, implementation } of await openUpgrades(session)) {
    if (await runsCode(session.provider, implementation, next.name, next.libraries)) continue;
    const id = operationId.slice(0, 10);
    throw new RefusedError(
      `operation ${id}… upgrades to another implementation, at ${implementation}: ` +
        `the storage of ${shortName(next.name)} cannot be compared with it before it runs`,
      {
        next: `npx hardhat upgrade cancel --operation ${id} … or, first, npx hardhat upgrade execute --operation ${id} …`,
      },
    );
  }
}

async function validated(
  hre: HardhatRuntimeEnvironment,
  session: DeployedSession,
  next: Compiled,
  reference: string | undefined,
  io: TaskIo,
): Promise<void> {
  const { deployment, provider } = session;
  const recorded = contractOf(deployment, "verifierImplementation").artifact;
  const current = await compiled(hre, "--reference", reference ?? recorded, deployment);
  const deployedAt = await implementationOf(provider, contractOf(deployment, "verifier").address);
  // Already upgraded: there is nothing to compare, and the change says that it is so.
  if (await runsCode(provider, deployedAt, next.name, next.libraries)) return;
  await validateUpgrade(hre, session, { ...current, deployedAt }, next);
  io.note(
    `storage layout and upgrade safety: ${shortName(next.name)} fits what ${shortName(current.name)} keeps`,
  );
}

async function implementationFor(
  work: Parameters<typeof prepareContract>[0] & { readonly args: ScheduleArguments },
  next: Compiled,
): Promise<Prepared> {
  const { implementation } = work.args;
  if (implementation === undefined) {
    return prepareContract(work, {
      step: "upgrade-schedule",
      role: `verifierImplementation:${keccak256(linkedBytecode(next.name, next.libraries))}`,
      artifact: next.name,
      args: [],
      libraries: next.libraries,
    });
  }
  const address = parseAddress("--implementation", implementation);
  if (await runsCode(work.session.provider, address, next.name, next.libraries)) return { address };
  throw new CheckError(`the code at ${address} is not what ${shortName(next.name)} compiles to here`, {
    next: "leave --implementation out to deploy it from these sources",
  });
}

export default action(scheduleUpgrade);
