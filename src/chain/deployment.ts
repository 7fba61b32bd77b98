import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { errorCode, InputError, UnavailableError } from "../core/errors.ts";
import { readFields, uintField } from "../core/json.ts";
import { type ArtifactName, CONTRACT_NAMES, isArtifactName } from "./artifacts.ts";
import { addressField, decimalField, hexTextField, secondsField } from "./fields.ts";
import { writeFileDurably } from "./files.ts";
import type { Chain } from "./network.ts";

const MAX_UINT = Number.MAX_SAFE_INTEGER;
const hash = hexTextField(32);
const addresses = z.array(addressField);
const oneOf = <const T extends string>(names: readonly T[]) =>
  z.enum(names, { error: `one of ${names.join(", ")}` });

const contractRecord = z.strictObject({
  /** Artifact the contract was made from. */
  artifact: z.custom<ArtifactName>((value) => typeof value === "string" && isArtifactName(value), {
    error: `one of ${CONTRACT_NAMES.join(", ")}, or FILE.sol:NAME`,
  }),
  address: addressField,
  /** ABI-encoded constructor arguments. */
  constructorArgs: hexTextField(),
  /** Linked libraries, by name. */
  libraries: z.record(z.string(), addressField),
  transactionHash: hash,
  blockNumber: uintField(MAX_UINT),
});

/** Names a deployment gives to its contracts. */
export const CONTRACT_ROLES = [
  "policyHasher",
  "timelock",
  "registry",
  "circuitVerifier",
  "verifierImplementation",
  "verifier",
] as const;
export type ContractRole = (typeof CONTRACT_ROLES)[number];
const contractRole = oneOf(CONTRACT_ROLES);

/**
 * A contract that was deployed after the others: what it is for, and a hash of what it is made from, so that making it
 * again finds it. E.g. `circuitVerifier:` and the hash of its verifying key.
 */
export type LaterName = `${"circuitVerifier" | "verifierImplementation"}:${string}`;
const LATER_FORM = "circuitVerifier:HASH or verifierImplementation:HASH";
const laterName = z.custom<LaterName>(
  (value) => typeof value === "string" && /^(circuitVerifier|verifierImplementation):\w+$/.test(value),
  { error: LATER_FORM },
);

const settings = z.strictObject({
  admin: addressField,
  adminDelay: secondsField(1),
  timelockDelay: secondsField(0),
  guardians: addresses,
  signers: addresses,
  policyAdmins: addresses,
});

const deploymentFile = z.strictObject({
  version: z.literal(1, { error: "1" }),
  network: z.string(),
  chainId: decimalField,
  genesisHash: hash,
  deployer: addressField,
  settings,
  setup: z.strictObject({
    /** The phase 2 stands on the development powers of tau: whoever made them can forge. */
    development: z.boolean(),
    circuit: z.string(),
    verificationKeyHash: z.string(),
  }),
  /** A transaction that was signed and may have been sent: looked for before anything is sent again. */
  pending: z
    .strictObject({
      step: z.string(),
      role: z.union([contractRole, laterName], { error: `a contract's role, or ${LATER_FORM}` }),
      record: contractRecord,
      rawTransaction: z.string(),
    })
    .optional(),
  contracts: z.partialRecord(contractRole, contractRecord),
  /** What was deployed afterwards; the proxy or a circuit version may use it, or not yet. */
  later: z.record(laterName, contractRecord).optional(),
  /** Set by the last step, which found in the chain's logs that the deployer holds nothing. */
  handover: z
    .strictObject({ blockNumber: uintField(MAX_UINT), checkedRoles: uintField(MAX_UINT) })
    .optional(),
});

export type Deployment = z.infer<typeof deploymentFile>;
export type ContractRecord = z.infer<typeof contractRecord>;
export type DeploymentSettings = z.infer<typeof settings>;

/** Where deployment files live; the environment moves it for tests and the story. */
function deploymentFolder(): string {
  return process.env.PROOFX_DEPLOYMENTS ?? "deployments";
}

/** Path of a network's deployment file. */
export function deploymentPath(network: string): string {
  return join(deploymentFolder(), `${network}.json`);
}

/** Saves the state; once this returns it survives a crash. */
export function saveDeployment(deployment: Deployment): void {
  writeFileDurably(deploymentPath(deployment.network), `${JSON.stringify(deployment, null, 2)}\n`);
}

/**
 * Reads a network's deployment file if there is one.
 *
 * @throws InputError when the file is damaged or belongs to another chain.
 */
export function findDeployment(chain: Chain): Deployment | undefined {
  const path = deploymentPath(chain.network);
  if (!existsSync(path)) return undefined;
  const deployment = readDeploymentFile(path);
  if (deployment.chainId !== String(chain.chainId) || deployment.genesisHash !== chain.genesisHash) {
    throw new InputError(
      `${path}: expected a deployment on chain ${chain.chainId} with genesis ${chain.genesisHash}, ` +
        `got chain ${deployment.chainId} with genesis ${deployment.genesisHash}`,
      {
        next: chain.isPublic
          ? "check --network and the node's URL"
          : `the development chain was started anew: delete ${path}`,
      },
    );
  }
  return deployment;
}

/** A finished deployment of the chain; {@link UnavailableError} when there is none. */
export function requireDeployment(chain: Chain): Deployment {
  const deployment = findDeployment(chain);
  if (deployment?.handover === undefined) {
    const what = deployment === undefined ? "there is no deployment" : "the deployment is not finished";
    throw new UnavailableError(`${what} on ${chain.network}`, {
      next: `npx hardhat deploy --network ${chain.network}`,
    });
  }
  return deployment;
}

/** The record of one of a deployment's contracts; {@link UnavailableError} while its step has not run. */
export function contractOf(deployment: Deployment, role: ContractRole): ContractRecord {
  const record = deployment.contracts[role];
  if (record === undefined) {
    throw new UnavailableError(`${role} is not deployed on ${deployment.network} yet`, {
      next: `npx hardhat deploy --network ${deployment.network}`,
    });
  }
  return record;
}

const RESTORE = "restore it from git";

/**
 * Reads a deployment file by its path, without a chain to compare it with.
 *
 * @throws UnavailableError when it cannot be read; InputError when it is damaged.
 */
export function readDeploymentFile(path: string): Deployment {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new UnavailableError(`${path} cannot be read (${errorCode(cause)})`, { cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${path}: expected JSON, got something else`, {
      cause,
      next: RESTORE,
    });
  }
  return readFields(deploymentFile, json, path, RESTORE);
}
