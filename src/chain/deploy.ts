import {
  concat,
  getCreateAddress,
  type Provider,
  type Signer,
  Transaction,
  type TransactionReceipt,
} from "ethers";
import { CheckError, UnavailableError } from "../core/errors.ts";
import {
  type ArtifactName,
  abiOf,
  type ContractName,
  expectedRuntime,
  linkedBytecode,
  maskImmutables,
} from "./artifacts.ts";
import {
  CONTRACT_ROLES,
  type ContractRecord,
  type ContractRole,
  type Deployment,
  type LaterName,
  saveDeployment,
} from "./deployment.ts";
import { explainCallError } from "./revert.ts";

/** One contract to create. */
export interface Creation {
  readonly step: string;
  /** Its role in the deployment, or its name among what is deployed later. */
  readonly role: ContractRole | LaterName;
  readonly artifact: ArtifactName;
  readonly args: readonly unknown[];
  readonly libraries?: Record<string, string>;
}

/** How a creation is waited for. */
export interface Landing {
  /** Told now and then while the transaction is in no block. */
  readonly onProgress?: ((line: string) => void) | undefined;
  /** How long it is waited for (ms); ten minutes unless given. */
  readonly patience?: number;
}

/**
 * Creates a contract once, whatever crashes in between: the signed transaction is saved before it is sent, so a
 * later run finds it in the chain or sends the very same bytes again, and never a second contract.
 *
 * @throws UnavailableError when the transaction is in no block for too long; it stays saved, to go on with.
 */
export async function createContract(
  signer: Signer,
  deployment: Deployment,
  creation: Creation,
  landing: Landing = {},
): Promise<ContractRecord> {
  const done = recordOf(deployment, creation.role);
  if (done !== undefined) return done;
  // Another contract's creation that a crash left: forgetting its transaction would create that contract twice.
  if (deployment.pending !== undefined && deployment.pending.role !== creation.role)
    await finish(signer, deployment, deployment.pending, landing);
  if (deployment.pending === undefined) {
    deployment.pending = await prepare(signer, creation);
    saveDeployment(deployment);
  }
  return await finish(signer, deployment, deployment.pending, landing);
}

/** Waits for a saved creation and records what it left. */
async function finish(
  signer: Signer,
  deployment: Deployment,
  pending: Pending,
  landing: Landing,
): Promise<ContractRecord> {
  const { role, step } = pending;
  const record = await land(signer, pending, step, landing);
  if (isLater(role)) deployment.later = { ...deployment.later, [role]: record };
  else deployment.contracts[role] = record;
  delete deployment.pending;
  saveDeployment(deployment);
  return record;
}

/** The record of a contract that was created, undefined before. */
function recordOf(deployment: Deployment, role: Creation["role"]): ContractRecord | undefined {
  return isLater(role) ? deployment.later?.[role] : deployment.contracts[role];
}

function isLater(role: Creation["role"]): role is LaterName {
  return !(CONTRACT_ROLES as readonly string[]).includes(role);
}

/** Everything a creation transaction carries: code with its libraries, and the constructor's arguments. */
export function creationCode({ artifact: name, args, libraries = {} }: Creation): string {
  return concat([linkedBytecode(name, libraries), encodeConstructor(name, args)]);
}

/** ABI-encoded constructor arguments of a contract. */
function encodeConstructor(name: ArtifactName, args: readonly unknown[]): string {
  return abiOf(name).encodeDeploy([...args]);
}

type Pending = NonNullable<Deployment["pending"]>;

async function prepare(signer: Signer, creation: Creation): Promise<Pending> {
  const libraries = creation.libraries ?? {};
  const constructorArgs = encodeConstructor(creation.artifact, creation.args);
  const populated = await signer
    .populateTransaction({ data: creationCode(creation) })
    .catch((error: unknown) => {
      throw explainCallError(error, `step ${creation.step}`);
    });
  const rawTransaction = await signer.signTransaction(populated);
  const { hash, from, nonce } = Transaction.from(rawTransaction);
  if (hash === null || from === null)
    throw new CheckError(`step ${creation.step}: the signer left no signature`);
  return {
    step: creation.step,
    role: creation.role,
    rawTransaction,
    record: {
      artifact: creation.artifact,
      address: getCreateAddress({ from, nonce }),
      constructorArgs,
      libraries,
      transactionHash: hash,
      blockNumber: await signedAtBlock(signer),
    },
  };
}

/** How long one wait for a block lasts before it is looked whether the transaction was replaced. */
const WAIT_MS = 15_000;

/** How long a transaction is waited for in one run. */
const PATIENCE_MS = 600_000;

/**
 * Sees to it that the saved transaction is in a block and left the contract at its address. A transaction that was
 * replaced by one with the same nonce is as good if it left the same code there.
 */
async function land(
  signer: Signer,
  pending: Pending,
  step: string,
  { onProgress, patience = PATIENCE_MS }: Landing,
): Promise<ContractRecord> {
  const provider = signer.provider;
  if (provider === null) throw new UnavailableError("the deploying key is not connected to a node");
  const { record, rawTransaction } = pending;
  const { nonce } = Transaction.from(rawTransaction);
  const began = Date.now();
  for (;;) {
    const receipt = await provider.getTransactionReceipt(record.transactionHash);
    if (receipt !== null) return finished(provider, pending, receipt, step);
    if ((await signer.getNonce("latest")) > nonce) {
      return adopted(provider, pending, step);
    }
    if ((await provider.getTransaction(record.transactionHash)) === null) {
      await provider.broadcastTransaction(rawTransaction).catch((error: unknown) => {
        throw explainCallError(error, `step ${step}`);
      });
    }
    const left = began + patience - Date.now();
    if (left <= 0) throw stuck(pending, nonce, step);
    const wait = Math.min(WAIT_MS, left);
    const mined = await provider.waitForTransaction(record.transactionHash, 1, wait).catch(() => null);
    if (mined !== null) continue;
    const waited = Math.round((Date.now() - began) / 1000);
    onProgress?.(
      `step ${step}: transaction ${record.transactionHash} (nonce ${nonce}) is in no block after ${waited} s; waiting …`,
    );
  }
}

function stuck({ record }: Pending, nonce: number, step: string): UnavailableError {
  return new UnavailableError(
    `step ${step}: transaction ${record.transactionHash} is in no block; its fee may be too low`,
    {
      next:
        "run the same command again to go on waiting; a wallet with the deploying key can replace the transaction " +
        `by one with the same data, nonce ${nonce} and a higher fee, which the next run takes for it`,
    },
  );
}

async function finished(
  provider: Provider,
  { record }: Pending,
  receipt: TransactionReceipt,
  step: string,
): Promise<ContractRecord> {
  if (receipt.status === 1 && (await provider.getCode(record.address)) !== "0x") {
    return { ...record, blockNumber: receipt.blockNumber };
  }
  throw new CheckError(
    `step ${step}: transaction ${record.transactionHash} left no contract at ${record.address}`,
    { next: "look at the transaction; then remove `pending` from the deployment file and run deploy again" },
  );
}

/** The nonce is used, and not by the saved transaction: by one that made the same contract, or by something else. */
async function adopted(provider: Provider, pending: Pending, step: string): Promise<ContractRecord> {
  const { record, rawTransaction } = pending;
  const { artifact: name, libraries, address, transactionHash } = record;
  const late = await provider.getTransactionReceipt(transactionHash);
  if (late !== null) return finished(provider, pending, late, step);
  const code = await provider.getCode(address);
  // The block it was signed at stands in the record: no later than the one that holds the contract.
  if (code !== "0x" && maskImmutables(name, code) === expectedRuntime(name, libraries)) return record;
  throw new CheckError(
    `step ${step}: nonce ${Transaction.from(rawTransaction).nonce} of the deployer was used by another transaction, ` +
      `and ${name} is not at ${address}`,
    {
      next: "another program used the deployer's key: remove `pending` from the deployment file, run deploy again",
    },
  );
}

async function signedAtBlock(signer: Signer): Promise<number> {
  return (await signer.provider?.getBlockNumber()) ?? 0;
}

/** Encodes a call to `initialize`, for the proxy's constructor. */
export function encodeInitialize(name: ContractName, args: readonly unknown[]): string {
  return abiOf(name).encodeFunctionData("initialize", [...args]);
}
