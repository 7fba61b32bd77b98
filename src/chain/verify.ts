import { getAddress, id, type Provider, toBeHex } from "ethers";
import { CheckError } from "../core/errors.ts";
import { type ArtifactName, expectedRuntime, maskImmutables } from "./artifacts.ts";
import { connect } from "./contracts.ts";
import { CONTRACT_ROLES, type ContractRole, contractOf, type Deployment } from "./deployment.ts";
import { accountsOf, actualRoles, expectedRoles, type RoleState } from "./role-check.ts";
import { roleHash, roleName } from "./roles.ts";

/** One thing that was compared. */
export interface Comparison {
  readonly name: string;
  readonly ok: boolean;
  readonly expected: string;
  readonly got: string;
}

/** Storage slot of a proxy's implementation, as ERC-1967 defines it. */
const IMPLEMENTATION_SLOT = toBeHex(BigInt(id("eip1967.proxy.implementation")) - 1n, 32);

/** Compares a deployment with what the source compiles to and with the settings it was made with. */
export async function verifyDeployment(provider: Provider, deployment: Deployment): Promise<Comparison[]> {
  const results: Comparison[] = [];
  for (const role of CONTRACT_ROLES) results.push(await compareCode(provider, deployment, role));
  results.push(await compareImplementation(provider, deployment));
  results.push(...(await compareWiring(provider, deployment)));
  results.push(...(await compareRoles(provider, deployment)));
  results.push(await compareGovernors(provider, deployment));
  return results;
}

async function compareCode(
  provider: Provider,
  deployment: Deployment,
  role: ContractRole,
): Promise<Comparison> {
  const { address, artifact, libraries } = contractOf(deployment, role);
  const code = await provider.getCode(address);
  const [expected, got] = [expectedRuntime(artifact, libraries), maskImmutables(artifact, code)];
  return {
    name: `${role} is ${artifact}`,
    ok: expected === got,
    expected: `the runtime code that ${artifact} compiles to here`,
    got: code === "0x" ? `no code at ${address}` : expected === got ? "the same" : `other code at ${address}`,
  };
}

/**
 * Whether an address holds what a contract compiles to here, whatever its constructor wrote: immutables, such as a
 * circuit verifier's key, are not compared.
 */
export async function runsCode(
  provider: Provider,
  address: string,
  name: ArtifactName,
  libraries: Record<string, string> = {},
): Promise<boolean> {
  return maskImmutables(name, await provider.getCode(address)) === expectedRuntime(name, libraries);
}

/** The implementation an ERC-1967 proxy runs, checksummed. */
export async function implementationOf(provider: Provider, proxy: string): Promise<string> {
  const slot = await provider.getStorage(proxy, IMPLEMENTATION_SLOT);
  return getAddress(`0x${slot.slice(26)}`);
}

async function compareImplementation(provider: Provider, deployment: Deployment): Promise<Comparison> {
  return same(
    "the proxy runs the recorded implementation",
    getAddress(contractOf(deployment, "verifierImplementation").address),
    await implementationOf(provider, contractOf(deployment, "verifier").address),
  );
}

async function compareWiring(provider: Provider, deployment: Deployment): Promise<Comparison[]> {
  const { verifier, registry, timelock } = connect(deployment, provider);
  const { admin, adminDelay, timelockDelay } = deployment.settings;
  const at = (role: ContractRole) => contractOf(deployment, role).address;
  return Promise.all([
    compareRead("verifier reads the recorded registry", at("registry"), () => verifier.registry()),
    compareRead(
      "circuit version 1",
      at("circuitVerifier"),
      async () => (await verifier.circuitVersion(1))[0],
    ),
    compareRead("verifier's default admin", admin, () => verifier.defaultAdmin()),
    compareRead("registry's default admin", admin, () => registry.defaultAdmin()),
    compareRead("delay of an admin transfer, verifier (s)", String(adminDelay), () =>
      verifier.defaultAdminDelay(),
    ),
    compareRead("delay of an admin transfer, registry (s)", String(adminDelay), () =>
      registry.defaultAdminDelay(),
    ),
    compareRead("timelock delay (s)", String(timelockDelay), () => timelock.getMinDelay()),
  ]);
}

/** Compares what a contract answers; one that does not know the question is not the contract it should be. */
export async function compareRead(
  name: string,
  expected: string,
  read: () => Promise<unknown>,
): Promise<Comparison> {
  return read().then(
    (value) => same(name, expected, String(value)),
    () => same(name, expected, "no answer: another contract is there"),
  );
}

/**
 * Roles that nobody may change at will must be as the settings say; those the admin grants and revokes are only looked
 * through for the deployer.
 */
async function compareRoles(provider: Provider, deployment: Deployment): Promise<Comparison[]> {
  let roles: RoleState[];
  try {
    roles = await actualRoles(provider, deployment, await provider.getBlockNumber());
  } catch (error) {
    if (!(error instanceof CheckError)) throw error;
    return [same("roles, from logs", "grants", error.message)];
  }
  const deployer = deployment.deployer.toLowerCase();
  const held = roles.filter(({ accounts }) => accounts.includes(deployer)).map(({ role }) => role);
  const fixed = expectedRoles(deployment).filter(({ grantable }) => !grantable);
  return [
    ...fixed.map(({ contract, role, accounts }) =>
      same(
        `${contract}, ${role}, from logs`,
        accounts.join(", "),
        accountsOf(roles, contract, role).join(", ") || "nobody",
      ),
    ),
    same("roles the deployer holds, from logs", "none", held.join(", ") || "none"),
  ];
}

/** Nothing of ours changes which role governs another; whoever did could make himself signer, or the timelock. */
async function compareGovernors(provider: Provider, deployment: Deployment): Promise<Comparison> {
  const contracts = connect(deployment, provider);
  const differing = await Promise.all(
    expectedRoles(deployment).map(async ({ contract, role, roleHash: hash, governor }) => {
      const governs = await contracts[contract].getRoleAdmin(hash).catch(() => undefined);
      if (governs === roleHash(governor)) return [];
      return [`${contract}'s ${role} by ${governs === undefined ? "nobody knows whom" : roleName(governs)}`];
    }),
  );
  return same(
    "roles that another role governs than was deployed",
    "none",
    differing.flat().join(", ") || "none",
  );
}

/** A comparison of two texts. */
export function same(name: string, expected: string, got: string): Comparison {
  return { name, ok: expected === got, expected, got };
}
