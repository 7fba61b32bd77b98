import { CheckError } from "../../core/errors.ts";
import type { Block, ConfirmedTransaction } from "./blocks.ts";
import { type Machine, runConstructor, runFuture } from "./finalize.ts";
import { type BlockContext, copyState, deployed, type LedgerState, type Operation } from "./ledger-state.ts";
import { OperationCheck } from "./operation-check.ts";
import { parseFuture } from "./plaintext.ts";
import { parseProgram } from "./program.ts";

/** Where a replay stands. */
export interface ReplayPoint {
  /** Height of the last block applied; -1 before any. */
  readonly height: number;
  /** Its hash; empty before any. */
  readonly blockHash: string;
  readonly state: LedgerState;
  readonly mappingIds: Readonly<Record<string, string>>;
}

/** The beginning: nothing deployed. */
export const START: ReplayPoint = { height: -1, blockHash: "", state: new Map(), mappingIds: {} };

/** What was replayed. */
export interface ReplayCounts {
  accepted: number;
  deployments: number;
}

/**
 * Replays blocks: Aleo keeps no events, so the state of a program is what the code of its accepted transactions did,
 * one after the other. The code is that of the deployments in the blocks themselves, run by an interpreter; there is no
 * second statement of a program's rules that could be out of step with it.
 *
 * Every change is compared with what the ledger notes about the same transaction (`OperationCheck`).
 */
export class Replay {
  readonly #programs: ReadonlySet<string>;
  readonly #addressOf: (program: string) => string;
  readonly #check: OperationCheck;
  readonly counts: ReplayCounts = { accepted: 0, deployments: 0 };
  #point: ReplayPoint;

  /**
   * @param programs Ids to follow. Code of any other that they come to is refused by name.
   * @param addressOf The account that a program is (the SDK computes it).
   */
  constructor(programs: Iterable<string>, addressOf: (program: string) => string, from: ReplayPoint = START) {
    this.#programs = new Set(programs);
    this.#addressOf = addressOf;
    this.#check = new OperationCheck(from.mappingIds);
    this.#point = { ...from, state: copyState(from.state) };
  }

  get point(): ReplayPoint {
    return this.#point;
  }

  /**
   * Applies the next block, whole or not at all.
   *
   * @throws CheckError when it is not the next one, or when replay and ledger differ.
   * @throws UnavailableError for code that cannot be replayed.
   */
  apply(block: Block): void {
    const { height, timestamp, network } = block.header.metadata;
    this.#requireNext(block);
    const context: BlockContext = { height, timestamp, network };
    const touched = block.transactions.filter((transaction) => this.#concerns(transaction));
    const undo: (() => void)[] = [];
    try {
      for (const transaction of touched) this.#transaction(transaction, context, undo);
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw error;
    }
    this.#point = { ...this.#point, height, blockHash: block.block_hash, mappingIds: this.#check.known };
  }

  #requireNext(block: Block): void {
    const { height, blockHash } = this.#point;
    // A replay may begin at any block before which none of its programs existed.
    if (height === -1) return;
    if (block.header.metadata.height !== height + 1 || block.previous_hash !== blockHash) {
      throw new CheckError(
        `block ${block.header.metadata.height} does not follow block ${height} (${blockHash})`,
        { next: "The chain is another than before: begin again, without the progress file" },
      );
    }
  }

  #concerns({ status, transaction }: ConfirmedTransaction): boolean {
    // A rejected one took its fee and did nothing else.
    if (status === "rejected") return false;
    const { deployment, execution } = transaction;
    if (deployment !== undefined) return this.#programs.has(parseProgram(deployment.program).id);
    return execution?.transitions.some(({ program }) => this.#programs.has(program)) ?? false;
  }

  #transaction(confirmed: ConfirmedTransaction, block: BlockContext, undo: (() => void)[]): void {
    const where = `block ${block.height}, transaction ${confirmed.transaction.id}`;
    const { state } = this.#point;
    const operations: Operation[] = [];
    const note = (operation: Operation) => operations.push(operation);
    const step = (backwards: () => void) => undo.push(backwards);
    const machine: Machine = { state, block, addressOf: this.#addressOf, note, undo: step };
    try {
      this.#execute(machine, confirmed);
    } catch (error) {
      if (!(error instanceof CheckError)) throw error;
      throw new CheckError(`${where}: ${error.message}, though the ledger accepted it`, { cause: error });
    }
    this.#check.compare(operations, confirmed.finalize, where);
    this.counts.accepted += 1;
  }

  #execute(machine: Machine, { transaction }: ConfirmedTransaction): void {
    const { deployment, execution, owner } = transaction;
    if (deployment !== undefined) {
      this.counts.deployments += 1;
      const { id } = parseProgram(deployment.program);
      const old = machine.state.get(id);
      const program = deployed(old, {
        source: deployment.program,
        edition: deployment.edition,
        owner: deployment.program_owner ?? owner?.address ?? "",
        checksum: deployment.program_checksum ?? [],
      });
      for (const mapping of program.code.mappings) {
        if (old?.mappings.has(mapping) !== true)
          machine.note({ type: "initialize_mapping", program: id, mapping, key: undefined });
      }
      machine.undo?.(() => {
        if (old === undefined) machine.state.delete(id);
        else machine.state.set(id, old);
      });
      machine.state.set(id, program);
      runConstructor(machine, program);
      return;
    }
    // The last transition is the one that was called; the futures of those inside are arguments of its own.
    const root = execution?.transitions.at(-1)?.outputs.at(-1);
    if (root?.type === "future" && root.value !== undefined) runFuture(machine, parseFuture(root.value));
  }
}
