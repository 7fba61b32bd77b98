import { join } from "node:path";
import { writeFileDurably } from "../../chain/files.ts";
import { ProofXError } from "../../core/errors.ts";
import type { AleoLedger } from "../ledger.ts";
import { loadSdk } from "../sdk.ts";
import { backup } from "./backup.ts";
import { registryFaults } from "./registry.ts";
import { type AleoState, hexDigest, printState } from "./state-file.ts";

/** Single values that say most about a program, asked for by themselves: they are there also when nothing else works. */
const VITAL: readonly (readonly [string, string])[] = [
  ["roles", "0u8"],
  ["roles", "1u8"],
  ["roles", "2u8"],
  ["paused", "true"],
  ["attestor_paused", "true"],
  ["migration", "true"],
  ["admin_ready_at", "true"],
  ["approved_upgrade", "true"],
  ["totals", "0u8"],
  ["totals", "1u8"],
  ["totals", "2u8"],
  ["totals", "3u8"],
  ["totals", "4u8"],
];

/** Blocks looked through for the last transactions, newest first, at most. */
const BLOCKS_BACK = 2_000;
const PAGE = 50;

export interface SnapshotOptions {
  readonly ledger: AleoLedger;
  readonly programs: readonly string[];
  /** Folder of this snapshot; nothing in it is written over but by the same names. */
  readonly folder: string;
  /** Transactions to keep, newest first. */
  readonly last: number;
  readonly from?: number;
  readonly progressFile?: string;
  readonly note?: (line: string) => void;
}

/** What a snapshot holds. */
export interface Snapshot {
  /** Name to SHA-256 of each file beside the manifest. */
  readonly files: Readonly<Record<string, string>>;
  /** Parts that could not be had, each with its reason; what could be had is there all the same. */
  readonly missing: readonly string[];
  /** What is wrong in the state itself. */
  readonly faults: readonly string[];
  readonly summary: Readonly<Record<string, unknown>>;
}

/**
 * Writes down all that a ledger shows of programs, for the first minutes of an incident: values that say most, sources and
 * checksums, the whole state, the last transactions. Each part is had by itself, and written as soon as it is there: a
 * paused or half broken program, or a node that answers only in part, costs that part alone.
 */
export async function snapshot(options: SnapshotOptions): Promise<Snapshot> {
  const taking = new Taking(options);
  await taking.part("head", () => taking.head());
  for (const program of options.programs) {
    await taking.part(`${program}: vital values`, () => taking.vital(program));
    await taking.part(`${program}: source`, () => taking.source(program));
  }
  await taking.part("last transactions", () => taking.transactions());
  await taking.part("state", () => taking.state());
  return taking.finish();
}

class Taking {
  readonly #options: SnapshotOptions;
  readonly #files: Record<string, string> = {};
  readonly #missing: string[] = [];
  readonly #faults: string[] = [];
  readonly #summary: Record<string, unknown> = {};

  constructor(options: SnapshotOptions) {
    this.#options = options;
  }

  async part(name: string, take: () => Promise<void>): Promise<void> {
    this.#options.note?.(`Taking ${name}`);
    try {
      await take();
    } catch (error) {
      // An incident is no time to stop at a defect, either; its first words tell it.
      const reason = error instanceof ProofXError ? error.message : `defect: ${String(error).split("\n")[0]}`;
      this.#missing.push(`${name}: ${reason}`);
    }
  }

  async head(): Promise<void> {
    const block = await this.#options.ledger.latestBlock();
    const { height, timestamp, network } = block.header.metadata;
    this.#summary.head = { height, block_hash: block.block_hash, timestamp, network };
  }

  async vital(program: string): Promise<void> {
    const { ledger } = this.#options;
    const values: Record<string, string> = {};
    for (const [mapping, key] of VITAL) {
      const value = await ledger.mapping(program, mapping, key);
      if (value !== undefined) values[`${mapping}[${key}]`] = value;
    }
    const { Address } = await loadSdk(ledger.address.network);
    const account = Address.fromProgramId(program).to_string();
    const balance = String(await ledger.balance(account));
    this.#summary[program] = { paused: values["paused[true]"] === "true", account, balance, values };
  }

  async source(program: string): Promise<void> {
    const { ledger } = this.#options;
    const source = await ledger.program(program);
    if (source === undefined) {
      this.#missing.push(`${program}: it is not deployed`);
      return;
    }
    this.#write(`${program}.txt`, source);
    this.#merge(program, { edition: await ledger.edition(program), source_sha256: hexDigest(source) });
  }

  async state(): Promise<void> {
    const { ledger, programs, from, progressFile, note } = this.#options;
    const deployed: string[] = [];
    for (const id of programs) if ((await ledger.edition(id)) !== undefined) deployed.push(id);
    const { state } = await backup({
      ledger,
      programs: deployed,
      ...(from === undefined ? {} : { from }),
      ...(progressFile === undefined ? {} : { progressFile }),
      ...(note === undefined ? {} : { note }),
    });
    const { name, text } = printState(state);
    this.#write(name, text);
    for (const [id, program] of Object.entries(state.programs))
      this.#merge(id, { checksum: program.checksum });
    this.#faults.push(...faultsOf(state));
  }

  async transactions(): Promise<void> {
    const { ledger, programs, last } = this.#options;
    const followed = new Set(programs);
    const found: object[] = [];
    const height = await ledger.height();
    const lowest = Math.max(0, height - BLOCKS_BACK + 1);
    for (let end = height; end >= lowest && found.length < last; end -= PAGE) {
      const page: object[] = [];
      for await (const block of ledger.blocks(Math.max(lowest, end - PAGE + 1), end)) {
        for (const transaction of block.transactions) {
          const named = JSON.stringify(transaction);
          if (![...followed].some((id) => named.includes(id))) continue;
          page.push({ height: block.header.metadata.height, ...transaction });
        }
      }
      found.push(...page.reverse());
    }
    this.#write("transactions.json", `${JSON.stringify(found.slice(0, last), null, 1)}\n`);
    this.#summary.transactions = { kept: Math.min(found.length, last), from_block: lowest, to_block: height };
  }

  finish(): Snapshot {
    const manifest = {
      format: "PROOFX_ALEO_SNAPSHOT_V1",
      ledger: this.#options.ledger.url,
      summary: this.#summary,
      faults: this.#faults,
      missing: this.#missing,
      files: this.#files,
    };
    writeFileDurably(
      join(this.#options.folder, "snapshot.json"),
      `${JSON.stringify(manifest, null, 1)}\n`,
      0o600,
    );
    return { files: this.#files, missing: this.#missing, faults: this.#faults, summary: this.#summary };
  }

  #merge(program: string, facts: object): void {
    this.#summary[program] = { ...(this.#summary[program] as object | undefined), ...facts };
  }

  #write(name: string, text: string): void {
    writeFileDurably(join(this.#options.folder, name), text, 0o600);
    this.#files[name] = hexDigest(text);
  }
}

/** What is wrong in a state: of every program that looks like a registry. */
export function faultsOf(state: AleoState): string[] {
  return Object.entries(state.programs)
    .filter(([, { mappings }]) => mappings.agents !== undefined && mappings.totals !== undefined)
    .flatMap(([id, program]) => registryFaults(program).map((fault) => `${id}: ${fault}`));
}
