import { type Interface, type Result, solidityPackedKeccak256, toBeHex } from "ethers";
import { abiOf } from "../artifacts.ts";
import type { ProofFile } from "../proof-file.ts";
import type { Submission } from "../submission.ts";
import type { RpcPool } from "./pool.ts";
import type { RawLog } from "./reads.ts";
import { RpcFault } from "./rpc.ts";

/** `CircuitStatus` in IProofXVerifier.sol. */
export const CIRCUIT_STATUS = { added: 1n, active: 2n } as const;
/** What a distrust that never began looks like. */
export const NEVER = 2n ** 64n - 1n;

/** A verifying key as `Groth16Verifier` answers it: coordinates in the order of EIP-197. */
export interface VerifyingKey {
  readonly alpha: readonly [bigint, bigint];
  readonly beta: G2;
  readonly gamma: G2;
  readonly delta: G2;
  readonly ic: readonly (readonly [bigint, bigint])[];
}
type G2 = readonly [readonly [bigint, bigint], readonly [bigint, bigint]];

/** What `ProofVerified` says. */
export interface VerifiedEvent {
  readonly signer: string;
  readonly subject: bigint;
  readonly policyId: bigint;
  readonly verified: boolean;
}

/** The relayer's questions to a deployment's contracts; each answer is one that a quorum of endpoints gave. */
export class VerifierCalls {
  readonly #pool: RpcPool;
  readonly #abi = abiOf("ProofXVerifier");
  readonly #registryAbi = abiOf("AnchorRegistry");
  readonly #circuitAbi = abiOf("Groth16Verifier");
  readonly #keys = new Map<string, VerifyingKey>();
  readonly verifier: string;
  readonly registry: string;

  constructor(pool: RpcPool, verifier: string, registry: string) {
    this.#pool = pool;
    this.verifier = verifier.toLowerCase();
    this.registry = registry;
  }

  async pausedUntil(): Promise<bigint | undefined> {
    if (!(await this.#view(this.#abi, this.verifier, "paused", []))[0]) return undefined;
    return (await this.#view(this.#abi, this.verifier, "pausedUntil", []))[0];
  }

  async signerMayVouch(signer: string): Promise<boolean> {
    const [role] = await this.#view(this.#abi, this.verifier, "SIGNER_ROLE", []);
    const [holds] = await this.#view(this.#abi, this.verifier, "hasRole", [role, signer]);
    if (!holds) return false;
    return (await this.#view(this.#abi, this.verifier, "signerDistrustedSince", [signer]))[0] === NEVER;
  }

  async policy(policyId: bigint): Promise<{ hash: bigint; active: boolean }> {
    const { policyHash, active } = await this.#view(this.#abi, this.verifier, "policy", [policyId]);
    return { hash: policyHash, active };
  }

  async circuitVersion(version: bigint): Promise<{ address: string; status: bigint; distrusted: boolean }> {
    const [address, status, since] = await this.#view(this.#abi, this.verifier, "circuitVersion", [version]);
    return { address, status, distrusted: since !== NEVER };
  }

  /** Never changes, so it is asked for once. */
  async verifyingKey(circuitVerifier: string): Promise<VerifyingKey> {
    const known = this.#keys.get(circuitVerifier);
    if (known !== undefined) return known;
    const [key] = await this.#view(this.#circuitAbi, circuitVerifier, "verifyingKey", []);
    this.#keys.set(circuitVerifier, key);
    return key;
  }

  /** @throws RpcRefusal with the registry's reason while the batch cannot be proved on. */
  async requireUsable({ streamId, ...ref }: ProofFile["claim"]): Promise<void> {
    const { batchIndex, end, matureAt, factsRoot } = ref;
    const args = [streamId, { batchIndex, end, matureAt, factsRoot }];
    await this.#view(this.#registryAbi, this.registry, "requireUsable", args);
  }

  /** The signer's next keyed nonce under a lane's key. */
  async keyedNonce(signer: string, key: bigint): Promise<bigint> {
    return (await this.#view(this.#abi, this.verifier, "nonces(address,uint192)", [signer, key]))[0];
  }

  async attestation({ streamId, agentId, policyId }: ProofFile["claim"]) {
    const args = [streamId, agentId, policyId];
    const [{ signer, batchIndex, epoch }] = await this.#view(this.#abi, this.verifier, "attestation", args);
    return { signer, batchIndex, epoch } as { signer: string; batchIndex: bigint; epoch: bigint };
  }

  /** Calldata of `attest`. */
  encodeAttest(submission: Submission, proof: ProofFile["proof"], signature: string): string {
    return this.#abi.encodeFunctionData("attest", [submission, proof, signature]);
  }

  /** Runs `attest` without sending it; whether the proof would hold. @throws RpcRefusal when it would revert. */
  async simulateAttest(data: string, from: string, gas: bigint, at = "latest"): Promise<boolean> {
    const call = { from, to: this.verifier, data, gas: toBeHex(gas).replace(/^0x0+/, "0x") };
    const parse = (value: unknown) => decode(this.#abi, "attest", value);
    return (await this.#pool.agree("eth_call", [call, at], parse))[0];
  }

  /** The event of a log, when it is this verifier's `ProofVerified`. */
  readVerified({ address, topics, data }: RawLog): VerifiedEvent | undefined {
    if (address !== this.verifier) return undefined;
    const log = this.#abi.parseLog({ topics, data });
    if (log?.name !== "ProofVerified") return undefined;
    const { signer, subject, policyId, verified } = log.args;
    return { signer, subject, policyId, verified };
  }

  get verifiedTopic(): string {
    return this.#abi.getEvent("ProofVerified")?.topicHash ?? "";
  }

  #view(abi: Interface, to: string, method: string, args: readonly unknown[]): Promise<Result> {
    const data = abi.encodeFunctionData(method, args);
    return this.#pool.agree("eth_call", [{ to, data }, "latest"], (value) => decode(abi, method, value));
  }
}

/**
 * The nonce key of a lane, 192 bits: a hash of the sending account and the lane's number.
 *
 * Several relayers with one signer do not meet, since each has its own sender; and what an operator sends by hand has key 0.
 */
export function laneKey(sender: string, lane: number): bigint {
  return (
    BigInt(solidityPackedKeccak256(["string", "address", "uint32"], ["proofx relayer", sender, lane])) >> 64n
  );
}

function decode(abi: Interface, method: string, value: unknown): Result {
  try {
    return abi.decodeFunctionResult(method, value as string);
  } catch {
    throw new RpcFault("malformed", `a node answered ${method} with something that it cannot answer`);
  }
}
