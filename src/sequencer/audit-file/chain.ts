import { Contract, type Provider } from "ethers";
import type { AnchorRegistry } from "../../../build/types/contracts/compliance/AnchorRegistry.ts";
import type { Groth16Verifier } from "../../../build/types/contracts/compliance/Groth16Verifier.ts";
import type { ProofXVerifier } from "../../../build/types/contracts/compliance/ProofXVerifier.ts";
import { abiOf } from "../../chain/artifacts.ts";
import { toHex } from "../../core/bytes.ts";
import { CheckError, ProofXError, UnavailableError } from "../../core/errors.ts";
import type { AuditAnchor, AuditBatch, AuditCompliance } from "./schema.ts";
import type { AuditChain, DeploymentPin } from "./trust.ts";

/**
 * A chain behind one node, for whoever believes that node.
 *
 * @throws UnavailableError when it does not answer; CheckError when it is on another chain than the deployment.
 */
export async function openAuditChain(provider: Provider, pin: DeploymentPin): Promise<AuditChain> {
  const { chainId } = await ask(() => provider.getNetwork());
  if (chainId !== pin.chainId)
    throw new CheckError(
      `expected a node of chain ${pin.chainId}, the deployment's, got one of chain ${chainId}`,
    );
  return {
    checkAnchor: (streamId, batch, anchor) => ask(() => checkAnchor(provider, pin, streamId, batch, anchor)),
    checkCompliance: (compliance) => ask(() => checkCompliance(provider, pin, compliance)),
  };
}

async function checkAnchor(
  provider: Provider,
  pin: DeploymentPin,
  streamId: Uint8Array,
  batch: AuditBatch,
  anchor: AuditAnchor,
): Promise<void> {
  const transaction = toHex(anchor.transaction_hash);
  const receipt = await provider.getTransactionReceipt(transaction);
  if (receipt === null) throw new CheckError(`the node knows no transaction ${transaction}`);
  same("block_number", BigInt(receipt.blockNumber), anchor.block_number);
  same("block_hash", receipt.blockHash, toHex(anchor.block_hash));
  const abi = abiOf("AnchorRegistry");
  const logs = receipt.logs.filter(({ address }) => address.toLowerCase() === pin.registry);
  const said = logs
    .map((log) => abi.parseLog(log))
    .find((log) => log?.name === "BatchAnchored" && log.args.stateRoot === toHex(batch.state_root));
  if (said === undefined || said === null)
    throw new CheckError(
      `transaction ${transaction} has no BatchAnchored log of this state root by ${pin.registry}`,
    );
  const { args } = said;
  same("stream", args.streamId, toHex(streamId));
  same("batch_index", args.batchIndex, anchor.batch_index);
  same("start_sequence", args.startSequence, batch.start_sequence);
  same("end_sequence", args.endSequence, batch.end_sequence);
  same("batch_root", args.batchRoot, toHex(batch.batch_root));
  same("facts_root", args.factsRoot, toHex(batch.facts_root));
  same("log_root", args.logRoot, toHex(batch.log_root));
  same("mature_at", args.matureAt, anchor.mature_at);
  await requireKept(provider, pin, streamId, anchor);
}

/** A batch that the timelock cut was anchored, and counts no more. */
async function requireKept(
  provider: Provider,
  pin: DeploymentPin,
  streamId: Uint8Array,
  anchor: AuditAnchor,
): Promise<void> {
  const registry = new Contract(pin.registry, abiOf("AnchorRegistry"), provider) as unknown as AnchorRegistry;
  const { batchIndex, epoch } = await registry.head(streamId);
  if (anchor.batch_index > batchIndex)
    throw new CheckError(`the registry's newest batch is ${batchIndex}: this one was cut`);
  if (epoch === 0n) return;
  const abi = abiOf("AnchorRegistry");
  const topics = abi.encodeFilterTopics("StreamReopened", [streamId]);
  const logs = await provider.getLogs({
    address: pin.registry,
    topics,
    fromBlock: Number(anchor.block_number),
    toBlock: "latest",
  });
  const cut = logs
    .map((log) => abi.parseLog(log))
    .find((log) => log !== null && log.args.batchIndex < anchor.batch_index);
  if (cut !== undefined)
    throw new CheckError("the stream was reopened from an earlier batch: this one was cut");
}

async function checkCompliance(
  provider: Provider,
  pin: DeploymentPin,
  { policy_id, policy, context, verifying_key: key }: AuditCompliance,
): Promise<void> {
  const verifier = new Contract(pin.verifier, abiOf("ProofXVerifier"), provider) as unknown as ProofXVerifier;
  const { parameters } = await verifier.policy(policy_id);
  policy.weights.forEach((weight, i) => {
    same(`policy.weights[${i}]`, parameters.weights[i], BigInt(weight));
  });
  same("policy.lower", parameters.lower, policy.lower);
  same("policy.upper", parameters.upper, policy.upper);
  same("policy.category_mask", parameters.categoryMask, policy.category_mask);
  const { circuitVerifier } = await verifier.circuitVersion(context.circuit_version);
  const circuit = new Contract(
    circuitVerifier,
    abiOf("Groth16Verifier"),
    provider,
  ) as unknown as Groth16Verifier;
  const deployed = await circuit.verifyingKey();
  const words = (value: unknown): string => [value].flat(9).map(String).join();
  const plain = ({ alpha, beta, gamma, delta, ic }: typeof deployed | AuditCompliance["verifying_key"]) =>
    [alpha, beta, gamma, delta, ic].map((part) => words(JSON.parse(texts(part)))).join();
  same("verifying_key", plain(deployed), plain(key));
}

/** ethers hands out arrays of its own kind. */
const texts = (value: unknown): string =>
  JSON.stringify(value, (_name, inner) => (typeof inner === "bigint" ? String(inner) : inner));

function same(what: string, chain: unknown, file: unknown): void {
  if (chain === file) return;
  const shown = (value: unknown): string => (String(value).length > 100 ? "another" : String(value));
  throw new CheckError(`${what}: the chain has ${shown(chain)}, the file ${shown(file)}`);
}

/** A node's own errors quote its URL, which may hold a key. */
async function ask<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof ProofXError) throw error;
    throw new UnavailableError("the node does not answer as an Ethereum node does", {
      next: "see that the URL file names a node of the deployment's chain",
    });
  }
}
