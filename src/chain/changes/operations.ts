import { AbiCoder, keccak256, type Provider, ZeroHash } from "ethers";
import { InputError } from "../../core/errors.ts";
import { abiOf } from "../artifacts.ts";
import { contractOf } from "../deployment.ts";
import { logsOf } from "../logs.ts";
import { type ChangeContext, chainTime, contractsOf, timeText } from "./context.ts";
import type { RawCall } from "./decode.ts";

/** One call of an operation. */
export interface OperationCall extends RawCall {
  /** Wei sent along. */
  readonly value: bigint;
}

/** What the timelock was told to do after its delay. */
export interface Operation {
  /** 32 bytes, 0x hex: the hash of all that follows but the state. */
  readonly id: string;
  readonly calls: readonly OperationCall[];
  /** Operation that must be done before; zero for none. */
  readonly predecessor: string;
  readonly salt: string;
  readonly state: OperationState;
}

/** Where an operation stands; `readyAt` is a unix time (s). */
export type OperationState =
  | { readonly name: "waiting" | "ready"; readonly readyAt: bigint }
  | { readonly name: "done" | "cancelled" | "unset" };

/** Id of an operation of one call, as `TimelockController.hashOperation` computes it. */
export function operationId(call: OperationCall, predecessor: string, salt: string): string {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["address", "uint256", "bytes", "bytes32", "bytes32"],
      [call.to, call.value, call.data, predecessor, salt],
    ),
  );
}

/** Timestamps by which the timelock marks what is not waiting. */
const [UNSET, DONE] = [0n, 1n];

/** Where an operation stands now. */
export async function operationState(
  context: ChangeContext,
  id: string,
  now: Provider = context.provider,
): Promise<OperationState> {
  const readyAt = await contractsOf(context, now).timelock.getTimestamp(id);
  if (readyAt === UNSET) return { name: "unset" };
  if (readyAt === DONE) return { name: "done" };
  return { name: readyAt <= (await chainTime(now)) ? "ready" : "waiting", readyAt };
}

/** A state for a reader. */
export function stateText(state: OperationState): string {
  if (state.name === "waiting") return `waiting until ${timeText(state.readyAt)}`;
  if (state.name === "ready") return `ready since ${timeText(state.readyAt)}`;
  return state.name;
}

/** Every operation ever scheduled, oldest first, from the timelock's logs. */
export async function listOperations(context: ChangeContext): Promise<Operation[]> {
  const { provider, deployment } = context;
  const abi = abiOf("TimelockController");
  const { address, blockNumber } = contractOf(deployment, "timelock");
  const topics = [["CallScheduled", "CallSalt"].map((name) => abi.getEvent(name)?.topicHash ?? "")];
  const scheduled = new Map<string, { calls: OperationCall[]; predecessor: string; salt: string }>();
  for await (const log of logsOf(provider, address, topics, blockNumber, await provider.getBlockNumber())) {
    const event = abi.parseLog(log);
    if (event === null) continue;
    const { id } = event.args;
    const known = scheduled.get(id) ?? { calls: [], predecessor: ZeroHash, salt: ZeroHash };
    scheduled.set(id, known);
    if (event.name === "CallSalt") known.salt = event.args.salt;
    else {
      const { index, target, value, data, predecessor } = event.args;
      // A cancelled operation can be scheduled again: the same calls at the same places.
      known.calls[Number(index)] = { to: target, value, data };
      known.predecessor = predecessor;
    }
  }
  return Promise.all(
    [...scheduled].map(async ([id, operation]) => {
      const state = await operationState(context, id);
      return { id, ...operation, state: state.name === "unset" ? { name: "cancelled" } : state };
    }),
  );
}

/**
 * An operation by its id, or by the beginning of it.
 *
 * @throws InputError when there is none, or more than one.
 */
export async function findOperation(context: ChangeContext, id: string): Promise<Operation> {
  const all = await listOperations(context);
  const found = all.filter((operation) => operation.id.startsWith(id.toLowerCase()));
  const [first, second] = found;
  if (first !== undefined && second === undefined) return first;
  throw InputError.expected(
    "operation",
    "the id of one scheduled operation, or its beginning",
    first === undefined ? id : `${id}, which ${found.length} begin with`,
    "npx hardhat upgrade list",
  );
}
