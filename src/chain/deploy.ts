import { AbiCoder, concat, getCreateAddress, Interface, type Signer, Transaction } from "ethers";
import { CheckError, UnavailableError } from "../core/errors.ts";
import { artifact, type ContractName, linkedBytecode } from "./artifacts.ts";
import { type ContractRecord, type ContractRole, type Deployment, saveDeployment } from "./deployment.ts";
import { explainCallError } from "./revert.ts";

/** One contract to create. */
export interface Creation {
  readonly step: string;
  readonly role: ContractRole;
  readonly artifact: ContractName;
  readonly args: readonly unknown[];
  readonly libraries?: Record<string, string>;
}

/**
 * Creates a contract once, whatever crashes in between: the signed transaction is saved before it is sent, so a
 * later run finds it in the chain or sends the very same bytes again, and never a second contract.
 */
export async function createContract(
  signer: Signer,
  deployment: Deployment,
  creation: Creation,
): Promise<ContractRecord> {
  const done = deployment.contracts[creation.role];
  if (done !== undefined) return done;
  if (deployment.pending?.role !== creation.role) {
    deployment.pending = await prepare(signer, creation);
    saveDeployment(deployment);
  }
  const record = await land(signer, deployment.pending, creation.step);
  deployment.contracts[creation.role] = record;
  delete deployment.pending;
  saveDeployment(deployment);
  return record;
}

/** ABI-encoded constructor arguments of a contract. */
export function encodeConstructor(name: ContractName, args: readonly unknown[]): string {
  return new Interface(artifact(name).abi).encodeDeploy([...args]);
}

type Pending = NonNullable<Deployment["pending"]>;

async function prepare(signer: Signer, creation: Creation): Promise<Pending> {
  const libraries = creation.libraries ?? {};
  const constructorArgs = encodeConstructor(creation.artifact, creation.args);
  const data = concat([linkedBytecode(creation.artifact, libraries), constructorArgs]);
  const populated = await signer.populateTransaction({ data }).catch((error: unknown) => {
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
      blockNumber: 0,
    },
  };
}

/** Sees to it that the saved transaction is in a block and left code at its address. */
async function land(signer: Signer, pending: Pending, step: string): Promise<ContractRecord> {
  const provider = signer.provider;
  if (provider === null) throw new UnavailableError("the deploying key is not connected to a node");
  const { record, rawTransaction } = pending;
  if ((await provider.getTransaction(record.transactionHash)) === null) {
    await assertNonceFree(signer, rawTransaction, step);
    await provider.broadcastTransaction(rawTransaction).catch((error: unknown) => {
      throw explainCallError(error, `step ${step}`);
    });
  }
  const receipt = await provider.waitForTransaction(record.transactionHash);
  const code = await provider.getCode(record.address);
  if (receipt?.status !== 1 || code === "0x") {
    throw new CheckError(
      `step ${step}: transaction ${record.transactionHash} left no contract at ${record.address}`,
      {
        next: "look at the transaction; then remove `pending` from the deployment file and run deploy again",
      },
    );
  }
  return { ...record, blockNumber: receipt.blockNumber };
}

async function assertNonceFree(signer: Signer, rawTransaction: string, step: string): Promise<void> {
  const { nonce } = Transaction.from(rawTransaction);
  const next = await signer.getNonce("latest");
  if (next > nonce) {
    throw new CheckError(
      `step ${step}: its saved transaction has nonce ${nonce}, but the deployer already sent ${next} transactions`,
      {
        next: "another program used the deployer's key: remove `pending` from the deployment file, run deploy again",
      },
    );
  }
}

/** Encodes a call to `initialize`, for the proxy's constructor. */
export function encodeInitialize(name: ContractName, args: readonly unknown[]): string {
  return new Interface(artifact(name).abi).encodeFunctionData("initialize", [...args]);
}

/** Decodes constructor arguments that were recorded, for display and for block explorers. */
export function decodeConstructor(name: ContractName, encoded: string): unknown[] {
  const inputs = new Interface(artifact(name).abi).deploy.inputs;
  return AbiCoder.defaultAbiCoder().decode(inputs, encoded).toArray();
}
