import type { Interface, Provider, Signer, TransactionReceipt } from "ethers";
import { CheckError, type ProofXError } from "../core/errors.ts";
import { explainCallError } from "./revert.ts";

/** A contract call that somebody is to send: by a key of ours, or elsewhere as unsigned calldata. */
export interface Call {
  readonly to: string;
  readonly data: string;
  /** Signature of the function, e.g. `openStream(bytes32,address,uint32)`. */
  readonly signature: string;
  /** Arguments as a reader should see them. */
  readonly args: Readonly<Record<string, unknown>>;
  /** One sentence: what it does. */
  readonly description: string;
}

/** Encodes a call of `method` and keeps it readable. */
export function makeCall(
  abi: Interface,
  to: string,
  method: string,
  values: readonly unknown[],
  description: string,
): Call {
  const fragment = abi.getFunction(method);
  if (fragment === null) throw new Error(`${method} is not in the ABI`);
  const args = Object.fromEntries(fragment.inputs.map((input, index) => [input.name, values[index]]));
  return {
    to,
    data: abi.encodeFunctionData(fragment, [...values]),
    signature: fragment.format("sighash"),
    args,
    description,
  };
}

/** Runs the call on the node without sending it, as `from`; throws what the contract answers. */
export async function simulate(provider: Provider, call: Call, from: string): Promise<{ gas: bigint }> {
  try {
    return { gas: await provider.estimateGas({ to: call.to, data: call.data, from }) };
  } catch (error) {
    throw explainCallError(error, call.description);
  }
}

/** Sends the call and waits until it is in a block; throws the contract's own error when refused. */
export async function send(signer: Signer, call: Call): Promise<TransactionReceipt> {
  const receipt = await signer
    .sendTransaction({ to: call.to, data: call.data })
    .then((response) => response.wait())
    .catch((error: unknown): ProofXError => explainCallError(error, call.description));
  if (receipt instanceof Error) throw receipt;
  if (receipt === null || receipt.status !== 1)
    throw new CheckError(`${call.description}: the transaction failed`);
  return receipt;
}
