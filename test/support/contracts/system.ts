import { AbiCoder, keccak256, type Signer, ZeroHash } from "ethers";
import { poseidon3 } from "poseidon-lite";
import type { AnchorRegistry } from "../../../build/types/contracts/compliance/AnchorRegistry.ts";
import type { ProofXVerifier } from "../../../build/types/contracts/compliance/ProofXVerifier.ts";
import {
  proofHash,
  type SolidityProof,
  type Submission,
  signSubmission,
} from "../../../src/chain/submission.ts";
import { type Actors, ADMIN_DELAY, actorsOf, type Chain, DAY, newChain, P } from "./chain.ts";
import { type Echo, loadEcho } from "./echo.ts";
import { type BatchRef, deployRegistry, STREAM } from "./registry.ts";

/** `Policy` of IProofXVerifier.sol. */
export interface Policy {
  readonly weights: readonly [bigint, bigint, bigint, bigint];
  readonly lower: bigint;
  readonly upper: bigint;
  readonly categoryMask: bigint;
}

export type Prover = Pick<Echo, "key" | "prove">;

/** All contracts of a deployment, with the echo circuit as version 1, one open stream and policy 1. */
export interface System {
  readonly chain: Chain;
  readonly actors: Actors;
  readonly echo: Prover;
  readonly registry: AnchorRegistry;
  readonly verifier: ProofXVerifier;
  /** Address of the Poseidon library that the implementation is linked to. */
  readonly library: string;
  readonly chainId: bigint;
}

/** A signed submission with its proof: the arguments of `attest`. */
export interface Item {
  readonly submission: Submission;
  readonly proof: SolidityProof;
  readonly signature: string;
}

export interface ItemChanges {
  readonly signer?: Signer;
  /** Fields that the signer signs as given. The proof is made for the signals they stand for. */
  readonly submission?: Partial<Submission>;
  /** What happens to the honest proof before it is hashed and signed. */
  readonly tamper?: (proof: SolidityProof) => SolidityProof;
}

export const AGENT = "0x550e8400e29b41d4a716446655440000";
export const OTHER_AGENT = "0x6ba7b8109dad11d180b400c04fd430c8";

/** Capital adequacy: assets minus liabilities at least 100. */
export const POLICY: Policy = {
  weights: [1n, -1n, 0n, 0n],
  lower: 100n,
  upper: 2n ** 100n - 1n,
  categoryMask: 2n ** 64n - 1n,
};

export interface SystemOptions {
  readonly chain?: Chain;
  /** Who makes the proofs, and the key of version 1; the echo circuit unless given. */
  readonly echo?: Prover;
  /** Name of a test double to use as version 1 instead of the real circuit verifier. */
  readonly circuitVerifier?: string;
  /** Seconds; 0 unless given. */
  readonly maturityDelay?: number;
  /** Address of the timelock; `actors.timelock` unless given. */
  readonly timelock?: string;
}

export async function deploySystem(options: SystemOptions = {}): Promise<System> {
  const chain = options.chain ?? (await newChain());
  const { ethers } = chain;
  const [actors, echo] = [await actorsOf(chain), options.echo ?? (await loadEcho())];
  const timelock = options.timelock ?? actors.timelock.address;
  const registry = await deployRegistry(chain, actors, timelock);
  const library = await (await ethers.deployContract("PoseidonT4")).getAddress();
  const circuitVerifier =
    options.circuitVerifier === undefined
      ? await ethers.deployContract("Groth16Verifier", [echo.key])
      : await ethers.deployContract(options.circuitVerifier);
  const implementation = await deployImplementation(chain, library);
  const params = initParams(actors, await registry.getAddress(), await circuitVerifier.getAddress());
  const verifier = await deployProxy(chain, implementation, { ...params, timelock });
  await registry
    .connect(actors.admin)
    .openStream(STREAM, actors.anchorer.address, options.maturityDelay ?? 0);
  await verifier.connect(actors.policyAdmin).registerPolicy(POLICY as never);
  const { chainId } = await ethers.provider.getNetwork();
  return { chain, actors, echo, registry, verifier, library, chainId };
}

export async function deployImplementation(
  { ethers }: Chain,
  library: string,
  name = "ProofXVerifier",
): Promise<ProofXVerifier> {
  const factory = await ethers.getContractFactory(name, { libraries: { PoseidonT4: library } });
  return (await factory.deploy()) as unknown as ProofXVerifier;
}

export type InitParams = ReturnType<typeof initParams>;

export function initParams(actors: Actors, registry: string, circuitVerifier: string) {
  return {
    admin: actors.admin.address,
    adminDelay: ADMIN_DELAY,
    timelock: actors.timelock.address,
    registry,
    circuitVerifier,
    guardians: [actors.guardian.address, actors.otherGuardian.address],
    signers: [actors.signer.address, actors.otherSigner.address],
    policyAdmins: [actors.policyAdmin.address],
  };
}

export async function deployProxy(
  { ethers }: Chain,
  implementation: ProofXVerifier,
  params: InitParams,
): Promise<ProofXVerifier> {
  const data = implementation.interface.encodeFunctionData("initialize", [params]);
  const proxy = await ethers.deployContract("ERC1967Proxy", [await implementation.getAddress(), data]);
  return implementation.attach(await proxy.getAddress()) as ProofXVerifier;
}

/** The arguments of `activateCircuitVersion`: a version, its circuit verifier and the hash of the code there now. */
export async function activationOf({ verifier, chain }: System, version: number) {
  const { circuitVerifier } = await verifier.circuitVersion(version);
  return [version, circuitVerifier, await codeHashOf(chain, circuitVerifier)] as const;
}

export async function codeHashOf({ ethers }: Chain, address: string): Promise<string> {
  return keccak256(await ethers.provider.getCode(address));
}

/** Names a circuit verifier and activates it under the next version, which it returns. */
export async function letIn(system: System, circuitVerifier: string): Promise<number> {
  const { verifier, actors } = system;
  await verifier.connect(actors.admin).addCircuitVersion(circuitVerifier);
  const version = Number(await verifier.circuitVersionCount());
  await verifier.connect(actors.timelock).activateCircuitVersion(...(await activationOf(system, version)));
  return version;
}

/** Makes an honest item on a batch, sent by `actors.submitter`, then changes what the test wants changed. */
export async function makeItem(system: System, ref: BatchRef, changes: ItemChanges = {}): Promise<Item> {
  const { echo, verifier, actors, chainId, chain } = system;
  const address = await verifier.getAddress();
  const honest: Submission = {
    policyId: 1n,
    streamId: STREAM,
    agentId: AGENT,
    ...ref,
    circuitVersion: 1n,
    proofHash: ZeroHash,
    submitter: actors.submitter.address,
    nonce: freshNonce(),
    deadline: BigInt((await chain.time.latest()) + DAY),
  };
  const wanted = { ...honest, ...changes.submission };
  const { policyHash } = await verifier.policy(wanted.policyId);
  const made = await echo.prove([
    BigInt(wanted.factsRoot) % P,
    policyHash,
    subjectOf(wanted.streamId, wanted.agentId),
    contextOf(chainId, address, wanted),
  ]);
  const proof = changes.tamper?.(made) ?? made;
  const submission = { ...wanted, proofHash: changes.submission?.proofHash ?? proofHash(proof) };
  const signature = await signSubmission(changes.signer ?? actors.signer, chainId, address, submission);
  return { submission, proof, signature };
}

/** Sends an item from its submitter. */
export function attest(system: System, item: Item, overrides: { gasLimit?: bigint } = {}) {
  const { verifier, actors } = system;
  const { submission, proof, signature } = item;
  return verifier.connect(actors.submitter).attest(submission as never, proof as never, signature, overrides);
}

/** Sends items as one batch from their submitter. */
export function attestBatch(system: System, items: readonly Item[], overrides: { gasLimit?: bigint } = {}) {
  const { verifier, actors } = system;
  return verifier.connect(actors.submitter).attestBatch(
    items.map((item) => item.submission as never),
    items.map((item) => item.proof as never),
    items.map((item) => item.signature),
    overrides,
  );
}

/** The subject of docs/formats.md, computed apart from the contract. */
export function subjectOf(streamId: string, agentId: string): bigint {
  return hashToField(["string", "bytes32", "bytes16"], ["PROOFX_SUBJECT_V1", streamId, agentId]);
}

/** The context of docs/formats.md, computed apart from the contract. */
export function contextOf(chainId: bigint, verifier: string, submission: Submission): bigint {
  const { circuitVersion, submitter, deadline } = submission;
  return hashToField(
    ["uint256", "address", "uint32", "address", "uint64"],
    [chainId, verifier, circuitVersion, submitter, deadline],
  );
}

/** The policy hash of docs/formats.md, computed apart from the contract. */
export function policyHashOf({ weights, lower, upper, categoryMask }: Policy): bigint {
  const tag = BigInt(`0x${Buffer.from("PXPOLI1", "ascii").toString("hex")}`);
  const packed = weights.reduce((sum, weight, i) => sum + (weight + 2n ** 31n) * 2n ** BigInt(32 * i), 0n);
  const mod = (value: bigint): bigint => ((value % P) + P) % P;
  return poseidon3([packed + categoryMask * 2n ** 128n + tag * 2n ** 192n, mod(lower), mod(upper)]);
}

let nonceKey = 0n;

/** The first nonce under a key that no other item uses, so that items can be sent in any order. */
export function freshNonce(): bigint {
  nonceKey += 1n;
  return nonceKey << 64n;
}

function hashToField(types: string[], values: unknown[]): bigint {
  return BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(types, values))) % P;
}
