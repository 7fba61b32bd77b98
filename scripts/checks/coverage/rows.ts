import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readToml } from "../../../src/core/toml.ts";

export const ROWS_FILE = "docs/coverage.toml";

const text = (what: string) => z.string({ error: what }).min(1, { error: what });

const row = z.strictObject({
  /** Number of the manual. */
  seed: text("a manual's number"),
  section: text("a section"),
  /** The command or API call as the manual has it. */
  theirs: text("a command or call"),
  /** Ours: `npx hardhat …`, `npx proofx …`, or `GET /v1/…`. */
  ours: z.array(text("a command or call")).min(1).optional(),
  /** A test that runs it, where neither a page does nor a test types it as it is. */
  where: text("a test's file").optional(),
  /** Why there is none. */
  reason: text("a reason").optional(),
  /** Which part of the project is to bring it. */
  open: text("what it waits for").optional(),
});

const file = z.strictObject({ rows: z.array(row).min(1) });

export type CoverageRow = z.output<typeof row>;

/** @throws InputError naming the field that is wrong. */
export function readRows(root: string): CoverageRow[] {
  return readToml(file, readFileSync(join(root, ROWS_FILE), "utf8"), ROWS_FILE).rows;
}

/** How a row stands; undefined when it is mapped to nothing and no reason says why. */
export function kindOf({ ours, reason, open }: CoverageRow): "mapped" | "reason" | "open" | undefined {
  const given = [
    ours === undefined ? [] : "mapped",
    reason === undefined ? [] : "reason",
    open === undefined ? [] : "open",
  ].flat();
  return given.length === 1 ? (given[0] as "mapped" | "reason" | "open") : undefined;
}
