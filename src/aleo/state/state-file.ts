import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { writeFileDurably } from "../../chain/files.ts";
import { toHex, utf8 } from "../../core/bytes.ts";
import { CheckError, UnavailableError } from "../../core/errors.ts";
import { canonicalJson, type Json, readFields } from "../../core/json.ts";
import { sha256 } from "../../core/sha256.ts";
import { parseStrictJson } from "../../core/strict-json.ts";
import type { LedgerState } from "../replay/ledger-state.ts";
import type { Plaintext } from "../replay/plaintext.ts";

const FORMAT = "PROOFX_ALEO_STATE_V1";
const NEXT = "Take another copy of the file; a state that was altered is not to be used";

const plaintext: z.ZodType<Plaintext> = z.lazy(() =>
  z.union([z.string(), z.array(plaintext), z.record(z.string(), plaintext)]),
);

const program = z.strictObject({
  edition: z.int().nonnegative(),
  /** Address that deployed it. */
  owner: z.string(),
  /** Hex of the 32 bytes that the ledger counts as the program's checksum; empty when it names none. */
  checksum: z.string().regex(/^([0-9a-f]{64})?$/, { error: "64 hex digits, or none" }),
  /** Microcredits the program's account holds; null when nobody asked. */
  balance: z.string().regex(/^\d+$/, { error: "decimal digits" }).nullable(),
  mappings: z.record(z.string(), z.record(z.string(), plaintext)),
});

const content = z.strictObject({
  format: z.literal(FORMAT, { error: FORMAT }),
  /** `ledger`: live values; `replay`: what the blocks make of them; `export`: from a program of another shape. */
  origin: z.enum(["ledger", "replay", "export"], { error: "ledger, replay or export" }),
  network: z.int().nonnegative(),
  height: z.int().nonnegative(),
  block_hash: z.string(),
  programs: z.record(z.string(), program),
});

/** The state of programs after one block; integers are Leo literals, amounts decimal text, so no reader rounds them. */
export type AleoState = z.output<typeof content>;
/** One program of it. */
export type AleoProgramState = AleoState["programs"][string];

const file = content.extend({ sha256: z.string() });

/** A state with the name of its file: network, height and SHA-256. */
export interface NamedState {
  readonly name: string;
  readonly sha256: string;
  readonly text: string;
}

/** The one spelling of a state: sorted members, SHA-256 of the canonical JSON (RFC 8785) of all others inside. */
export function printState(state: AleoState): NamedState {
  const digest = toHex(sha256(canonicalJson("state", state as Json))).slice(2);
  const sorted = JSON.parse(
    new TextDecoder().decode(canonicalJson("state", { ...state, sha256: digest } as Json)),
  );
  const network = ["mainnet", "testnet", "canary"][state.network] ?? `network${state.network}`;
  const text = `${JSON.stringify(sorted, null, 1)}\n`;
  return { name: `aleo-${network}-${state.height}-${digest}.json`, sha256: digest, text };
}

/** Writes a state into a folder, durably and for its owner alone. @returns Its path. */
export function writeState(folder: string, state: AleoState): string {
  const { name, text } = printState(state);
  const path = join(folder, name);
  writeFileDurably(path, text, 0o600);
  return path;
}

/**
 * Reads a state and checks that it is whole: the hash inside, the hash in its name where there is one, and its spelling.
 *
 * @throws CheckError when it was altered. @throws UnavailableError when it cannot be read.
 */
export function readState(path: string): AleoState {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new UnavailableError(`${path}: the state cannot be read`, { cause });
  }
  return parseState(text, basename(path));
}

/** As {@link readState}, of text. @param name Its file's name. */
export function parseState(text: string, name: string): AleoState {
  const { sha256: claimed, ...state } = readFields(file, parseStrictJson(text, {}, name), name, NEXT);
  const { sha256: actual, text: spelling } = printState(state);
  const named = /-([0-9a-f]{64})\.json$/.exec(name)?.[1];
  if (claimed !== actual || (named !== undefined && named !== actual)) {
    const said = claimed === actual ? `its name ${named}` : claimed;
    throw new CheckError(`${name}: its SHA-256 is ${actual}, it says ${said}`, { next: NEXT });
  }
  if (spelling !== text) throw new CheckError(`${name}: another spelling than a state has`, { next: NEXT });
  return state;
}

/** What a replay came to, as a state. */
export function stateOfReplay(
  ledger: LedgerState,
  at: { readonly network: number; readonly height: number; readonly blockHash: string },
): AleoState {
  const programs: AleoState["programs"] = {};
  for (const [id, { edition, owner, checksum, mappings }] of ledger) {
    const plain = [...mappings].map(([name, entries]) => [name, Object.fromEntries(entries)]);
    const hex = checksum.map((byte) => Number.parseInt(byte, 10).toString(16).padStart(2, "0")).join("");
    programs[id] = { edition, owner, checksum: hex, balance: null, mappings: Object.fromEntries(plain) };
  }
  return {
    format: FORMAT,
    origin: "replay",
    network: at.network,
    height: at.height,
    block_hash: at.blockHash,
    programs,
  };
}

/** A state from a program of another shape, or for a test. */
export function exportedState(parts: Omit<AleoState, "format" | "origin">): AleoState {
  return { format: FORMAT, origin: "export", ...parts };
}

/** SHA-256 of text, hex. */
export const hexDigest = (text: string): string => toHex(sha256(utf8("text", text))).slice(2);
