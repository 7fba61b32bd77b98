import { canonicalPlaintext, type Plaintext } from "./plaintext.ts";
import { type CompiledProgram, parseProgram } from "./program.ts";

/** Key (canonical text) to value. */
export type Entries = Map<string, Plaintext>;

/** One program on the ledger, as replayed. */
export interface ProgramState {
  readonly source: string;
  readonly code: CompiledProgram;
  readonly edition: number;
  /** Address that deployed it; what `program_owner` is. */
  readonly owner: string;
  /** 32 literals `…u8`; empty for a program whose deployment was not seen. */
  readonly checksum: readonly string[];
  readonly mappings: Map<string, Entries>;
}

/** What changed in a mapping, in the ledger's words. */
export interface Operation {
  readonly type: "initialize_mapping" | "update_key_value" | "remove_key_value";
  readonly program: string;
  readonly mapping: string;
  readonly key: string | undefined;
}

/** State of the programs that are followed. */
export type LedgerState = Map<string, ProgramState>;

/** Where in the chain a block's code runs, and what it can ask about it. */
export interface BlockContext {
  /** Number of the block. */
  readonly height: number;
  /** Seconds since 1970, of the block. */
  readonly timestamp: number;
  /** 0 mainnet, 1 testnet, 2 canary. */
  readonly network: number;
}

/** A program newly deployed, with empty mappings, or its next edition over the entries there are. */
export function deployed(
  old: ProgramState | undefined,
  parts: Omit<ProgramState, "code" | "mappings">,
): ProgramState {
  const code = parseProgram(parts.source);
  const mappings = new Map(old?.mappings ?? []);
  for (const name of code.mappings) if (!mappings.has(name)) mappings.set(name, new Map());
  return { ...parts, code, mappings };
}

/** A copy that can be changed and thrown away. */
export function copyState(state: LedgerState): LedgerState {
  const copy: LedgerState = new Map();
  for (const [id, program] of state) {
    const mappings = new Map([...program.mappings].map(([name, entries]) => [name, new Map(entries)]));
    copy.set(id, { ...program, mappings });
  }
  return copy;
}

/** The text under which a key is kept. */
export const keyText = (key: Plaintext): string => canonicalPlaintext(key);
