import type { ContractTransactionResponse } from "ethers";
import { toBeHex } from "ethers";
import { newChain } from "../../test/support/contracts/chain.ts";
import { anchorNext, type BatchRef, batchAfter, STREAM } from "../../test/support/contracts/registry.ts";
import {
  attest,
  attestBatch,
  deploySystem,
  type Item,
  makeItem,
  type Prover,
  type System,
} from "../../test/support/contracts/system.ts";

/** Items of the measured `attestBatch`. */
export const BATCH = 16;
/** Before the first block of the scenario, and the deadline of all it signs (unix time, s). */
const INITIAL_DATE = "2030-01-01T00:00:00Z";
const START = Date.parse(INITIAL_DATE) / 1000 + 86_400;
const DEADLINE = BigInt(START + 30 * 86_400);
const RING = 256;

/** A measured transaction: what it used and what it had to pay before its first instruction. */
export interface Measured {
  readonly gasUsed: number;
  /** 21,000 and the calldata's bytes. */
  readonly intrinsic: number;
}

export interface Figures {
  readonly attestFresh: Measured;
  readonly attestSteady: Measured;
  readonly attestBatch: Measured;
  readonly anchor: Measured;
  /** The call `verify` alone, without a transaction. */
  readonly verify: number;
  /** The call `verifyBatch` of the measured batch alone. */
  readonly verifyBatch: number;
}

/**
 * Runs always the same transactions: accounts, addresses, times, signatures and, with the committed fixture as prover,
 * proofs are fixed, so gas is exact and two machines agree.
 */
export async function runScenario(prover: Prover): Promise<Figures> {
  const chain = await newChain({ initialDate: INITIAL_DATE });
  const system = await deploySystem({ chain, echo: prover });
  let now = START;
  /** Gives the next transaction its fixed time. */
  const tick = () => chain.time.setNextBlockTimestamp(++now);
  const anchor = async (): Promise<BatchRef> => {
    await tick();
    return (await anchorNext(system.registry, system.actors)).ref;
  };
  const send = async (transaction: () => Promise<ContractTransactionResponse>): Promise<Measured> => {
    await tick();
    return measured(await transaction());
  };

  const [first, second] = [await anchor(), await anchor()];
  const single = [await item(system, first, 0), await item(system, second, 1, 0)] as const;
  const batch: Item[] = [];
  for (let i = 0; i < BATCH; i++) batch.push(await item(system, second, i + 2, i + 1));

  const attestFresh = await send(() => attest(system, single[0]));
  const attestSteady = await send(() => attest(system, single[1]));
  await tick();
  const calls = await measureCalls(system, batch);
  const attestedBatch = await send(() => attestBatch(system, batch));
  // The ring is full from here on: each batch writes over an older one.
  for (let i = 2; i < RING; i++) await anchor();
  const { end, stateRoot } = await system.registry.head(STREAM);
  const anchored = await send(() =>
    system.registry.connect(system.actors.anchorer).anchor(STREAM, batchAfter(end, 1000n), stateRoot),
  );
  return { attestFresh, attestSteady, attestBatch: attestedBatch, anchor: anchored, ...calls };
}

/** An item of agent `agent`; all share the nonces of one key, in the order of `nonce`. */
function item(system: System, ref: BatchRef, nonce: number, agent = 0): Promise<Item> {
  return makeItem(system, ref, {
    submission: {
      agentId: toBeHex(0x550e8400e29b41d4a716446655440000n + BigInt(agent), 16),
      nonce: (1n << 64n) + BigInt(nonce),
      deadline: DEADLINE,
    },
  });
}

async function measureCalls(system: System, items: readonly Item[]) {
  const { chain, verifier } = system;
  const meter = await chain.ethers.deployContract("GasMeter__Harness");
  const { circuitVerifier } = await verifier.circuitVersion(1);
  const target = await chain.ethers.getContractAt("Groth16Verifier", circuitVerifier);
  const signals = await Promise.all(items.map((each) => signalsOf(system, each)));
  const gasOf = async (name: "verify" | "verifyBatch", args: readonly unknown[]): Promise<number> => {
    const data = target.interface.encodeFunctionData(name as never, args as never);
    const [gasUsed, answer] = await meter.getFunction("measure").staticCall(circuitVerifier, data);
    if (BigInt(answer) !== 1n) throw new Error(`${name} refused the scenario's proofs`);
    return Number(gasUsed);
  };
  const seed = toBeHex(1, 32);
  return {
    verify: await gasOf("verify", [items[0]?.proof, signals[0]]),
    verifyBatch: await gasOf("verifyBatch", [items.map(({ proof }) => proof), signals, seed]),
  };
}

async function signalsOf({ verifier }: System, { submission }: Item): Promise<bigint[]> {
  const { policyHash } = await verifier.policy(submission.policyId);
  return [
    BigInt(submission.factsRoot),
    policyHash,
    await verifier.subjectOf(submission.streamId, submission.agentId),
    await verifier.contextOf(submission.circuitVersion, submission.submitter, submission.deadline),
  ];
}

async function measured(sent: ContractTransactionResponse): Promise<Measured> {
  const receipt = await sent.wait();
  if (receipt === null) throw new Error("a transaction of the scenario was not mined");
  const bytes = Buffer.from(sent.data.slice(2), "hex");
  const zeros = bytes.filter((byte) => byte === 0).length;
  return { gasUsed: Number(receipt.gasUsed), intrinsic: 21_000 + 4 * zeros + 16 * (bytes.length - zeros) };
}
