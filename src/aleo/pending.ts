import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeFileDurably } from "../chain/files.ts";
import { InputError } from "../core/errors.ts";
import { readFields } from "../core/json.ts";
import type { BuiltTransaction } from "./build.ts";

const pending = z.strictObject({
  /** Hash of the ledger's block 0. */
  genesis: z.string(),
  id: z.string(),
  what: z.string(),
  text: z.string(),
  /** Microcredits. */
  fee: z.string().regex(/^\d+$/).transform(BigInt),
});

/** A signed transaction that was about to be sent. */
export type PendingTransaction = BuiltTransaction & { readonly genesis: string };

const pathOf = (folder: string, network: string) => join(folder, `pending-${network}.json`);

/** Writes down what is about to be sent; once this returns it survives a crash. It holds nothing secret. */
export function notePending(folder: string, network: string, transaction: PendingTransaction): void {
  const { genesis, id, what, text, fee } = transaction;
  const content = JSON.stringify({ genesis, id, what, text, fee: String(fee) });
  writeFileDurably(pathOf(folder, network), `${content}\n`, 0o600);
}

/** What an interrupted command left. @throws InputError when the file is damaged. */
export function readPending(folder: string, network: string): PendingTransaction | undefined {
  const path = pathOf(folder, network);
  if (!existsSync(path)) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new InputError(`${path}: expected JSON, got something else`, { cause });
  }
  return readFields(pending, content, path);
}

/** The transaction is in a block, or will never be in one. */
export function forgetPending(folder: string, network: string): void {
  rmSync(pathOf(folder, network), { force: true });
}
