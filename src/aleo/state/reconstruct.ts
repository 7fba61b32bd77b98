import { CheckError, InputError, UnavailableError } from "../../core/errors.ts";
import type { AleoLedger } from "../ledger.ts";
import { readBlock } from "../replay/blocks.ts";
import { Replay, type ReplayCounts, START } from "../replay/replay.ts";
import { loadSdk } from "../sdk.ts";
import { type Progress, readProgress, writeProgress } from "./progress.ts";
import { type AleoState, stateOfReplay } from "./state-file.ts";

/** How often a long replay says where it is, and writes down how far it came; milliseconds. */
const EVERY = 2_000;

export interface ReconstructOptions {
  readonly ledger: AleoLedger;
  /** Ids of the programs. */
  readonly programs: readonly string[];
  /** First block; 0 without it. None of the programs may be deployed before it. */
  readonly from?: number;
  /** Last block; the ledger's latest without it. */
  readonly to?: number;
  /** File that keeps how far it came; without it a replay that is stopped begins again. */
  readonly progressFile?: string;
  /** A line of progress. */
  readonly note?: (line: string) => void;
}

export interface Reconstruction {
  readonly state: AleoState;
  readonly counts: ReplayCounts;
}

/**
 * Makes the state of programs from a ledger's blocks alone.
 *
 * @throws CheckError when the replay and the ledger's own record of a transaction differ, or the chain is another than
 *   when the progress was written. @throws UnavailableError for code that cannot be replayed, or without an answer.
 */
export async function reconstruct(options: ReconstructOptions): Promise<Reconstruction> {
  const follower = await Follower.open(options);
  return follower.follow(options.to ?? (await options.ledger.height()));
}

/** A replay that can go on when the ledger has. */
export class Follower {
  readonly #options: ReconstructOptions;
  readonly #replay: Replay;
  readonly #resumed: number;
  #network: number;

  private constructor(options: ReconstructOptions, replay: Replay, progress: Progress | undefined) {
    this.#options = options;
    this.#replay = replay;
    this.#resumed = progress?.point.height ?? -1;
    this.#network = progress?.network ?? 0;
  }

  static async open(options: ReconstructOptions): Promise<Follower> {
    const { ledger, programs, progressFile } = options;
    const progress = progressFile === undefined ? undefined : readProgress(progressFile, programs);
    if (progress !== undefined) await requireSameChain(ledger, progress, progressFile ?? "");
    const { Address } = await loadSdk(ledger.address.network);
    const addressOf = (program: string) => Address.fromProgramId(program).to_string();
    return new Follower(options, new Replay(programs, addressOf, progress?.point ?? START), progress);
  }

  /** Source of each program, as of the last block. */
  get sources(): ReadonlyMap<string, string> {
    return new Map([...this.#replay.point.state].map(([id, { source }]) => [id, source]));
  }

  get counts(): ReplayCounts {
    return this.#replay.counts;
  }

  /** Replays up to a block, that one included. */
  async follow(to: number): Promise<Reconstruction> {
    const { ledger, from = 0, note = () => {}, progressFile } = this.#options;
    const begin = Math.max(from, this.#replay.point.height + 1);
    if (begin > to + 1) {
      throw InputError.expected(
        "last block",
        `${begin - 1} or a later one`,
        to,
        "Remove the progress file, or go further",
      );
    }
    if (this.#resumed >= 0 && begin === this.#resumed + 1) note(`Going on after block ${this.#resumed}`);
    let last = Date.now();
    for await (const raw of ledger.blocks(begin, to)) {
      const block = readBlock(raw, "block");
      this.#replay.apply(block);
      const { height, network } = block.header.metadata;
      this.#network = network;
      if (Date.now() - last < EVERY) continue;
      last = Date.now();
      note(`Block ${height} of ${to} (${this.#replay.counts.accepted} transactions)`);
      this.#save(progressFile);
    }
    this.#save(progressFile);
    this.#requireDeployed();
    const { state, height, blockHash } = this.#replay.point;
    return {
      state: stateOfReplay(state, { network: this.#network, height, blockHash }),
      counts: this.#replay.counts,
    };
  }

  #save(path: string | undefined): void {
    const { programs } = this.#options;
    if (path !== undefined && this.#replay.point.height >= 0)
      writeProgress(path, { follows: programs, network: this.#network, point: this.#replay.point });
  }

  #requireDeployed(): void {
    const { programs, from = 0 } = this.#options;
    const missing = programs.filter((id) => !this.#replay.point.state.has(id));
    if (missing.length === 0) return;
    throw new UnavailableError(`${missing.join(", ")}: no deployment in the blocks from ${from} on`, {
      next: "Check the program's name, or begin at an earlier block (--from 0)",
    });
  }
}

async function requireSameChain(ledger: AleoLedger, { point }: Progress, path: string): Promise<void> {
  const block = await ledger.block(point.height);
  if (block?.block_hash === point.blockHash) return;
  throw new CheckError(`${path}: it stands at block ${point.height} of another chain than ${ledger.url}`, {
    next: "Remove the file to begin again, or name the ledger it was made with",
  });
}
