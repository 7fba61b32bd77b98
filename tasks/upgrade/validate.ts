import { upgrades as upgradesOf } from "@openzeppelin/hardhat-upgrades";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import {
  type ArtifactName,
  artifact,
  expectedRuntime,
  isArtifactName,
  maskImmutables,
} from "../../src/chain/artifacts.ts";
import { contractOf, type Deployment } from "../../src/chain/deployment.ts";
import { CheckError, InputError } from "../../src/core/errors.ts";
import type { DeployedSession } from "../support/session.ts";

/** A compiled contract, by the name tasks know it by, with the libraries it links. */
export interface Compiled {
  readonly name: ArtifactName;
  readonly libraries: Record<string, string>;
}

/** A contract's name without its file. */
export function shortName(name: ArtifactName): string {
  return name.split(":").at(-1) ?? name;
}

/** Libraries that an implementation may link, and where the deployment has them. */
function librariesOf(name: ArtifactName, deployment: Deployment): Record<string, string> {
  const wanted = Object.values(artifact(name).linkReferences).flatMap((byName) => Object.keys(byName));
  const known: Record<string, string> = { PoseidonT4: contractOf(deployment, "policyHasher").address };
  return Object.fromEntries(
    wanted.map((library) => {
      const address = known[library];
      if (address !== undefined) return [library, address];
      throw InputError.expected("--contract", "one that links no library but PoseidonT4", library);
    }),
  );
}

/** Finds a compiled contract by name; InputError when nothing of that name was compiled, or more than one. */
export async function compiled(
  hre: HardhatRuntimeEnvironment,
  option: string,
  given: string,
  deployment: Deployment,
): Promise<Compiled> {
  const found = await hre.artifacts.readArtifact(given).catch((cause: unknown): never => {
    const words = `${option}: expected the name of one contract under contracts/, got "${given}"`;
    throw new InputError(words, { cause, next: "several of one name: give it as contracts/FILE.sol:NAME" });
  });
  const full = `${found.sourceName}:${found.contractName}`;
  const name = isArtifactName(given) ? given : full;
  if (!isArtifactName(name)) throw InputError.expected(option, "a contract of this project", full);
  return { name, libraries: librariesOf(name, deployment) };
}

/**
 * Refuses a new implementation that would misread the proxy's storage, or that is unsafe behind a proxy, by
 * OpenZeppelin's validation. The reference is what the proxy runs now, and its code must be the deployed one: a layout is
 * never compared with that of other sources.
 *
 * @throws CheckError saying what does not fit.
 */
export async function validateUpgrade(
  hre: HardhatRuntimeEnvironment,
  { provider, chain }: DeployedSession,
  reference: Compiled & { readonly deployedAt: string },
  next: Compiled,
): Promise<void> {
  const code = maskImmutables(reference.name, await provider.getCode(reference.deployedAt));
  if (code !== expectedRuntime(reference.name, reference.libraries)) {
    throw new CheckError(
      `the implementation at ${reference.deployedAt} is not what ${shortName(reference.name)} compiles to here: no storage layout to compare with`,
      { next: "put the new version beside the deployed one's source, and name that with --reference" },
    );
  }
  const connection = await hre.network.getOrCreate(chain.network);
  const { ethers } = connection;
  const upgrades = await upgradesOf(hre, connection);
  const current = await ethers.getContractFactory(reference.name, { libraries: reference.libraries });
  const factory = await ethers.getContractFactory(next.name, { libraries: next.libraries });
  await upgrades.validateUpgrade(current, factory, { kind: "uups" }).catch((cause: unknown): never => {
    const words = cause instanceof Error ? cause.message.trim() : String(cause);
    throw new CheckError(`${shortName(next.name)} cannot replace ${shortName(reference.name)}: ${words}`, {
      cause,
    });
  });
}
