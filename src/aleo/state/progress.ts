import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { writeFileDurably } from "../../chain/files.ts";
import { CheckError, InputError } from "../../core/errors.ts";
import { readFields } from "../../core/json.ts";
import { parseStrictJson } from "../../core/strict-json.ts";
import type { LedgerState } from "../replay/ledger-state.ts";
import type { Plaintext } from "../replay/plaintext.ts";
import { parseProgram } from "../replay/program.ts";
import type { ReplayPoint } from "../replay/replay.ts";
import { hexDigest } from "./state-file.ts";

const FORMAT = "PROOFX_ALEO_PROGRESS_V1";
const NEXT = "Remove the file to begin again at the first block";

const plaintext: z.ZodType<Plaintext> = z.lazy(() =>
  z.union([z.string(), z.array(plaintext), z.record(z.string(), plaintext)]),
);

const body = z.strictObject({
  format: z.literal(FORMAT, { error: FORMAT }),
  /** Ids that were followed. */
  follows: z.array(z.string()),
  network: z.int(),
  height: z.int(),
  block_hash: z.string(),
  mapping_ids: z.record(z.string(), z.string()),
  programs: z.record(
    z.string(),
    z.strictObject({
      source: z.string(),
      edition: z.int(),
      owner: z.string(),
      checksum: z.array(z.string()),
      mappings: z.record(z.string(), z.record(z.string(), plaintext)),
    }),
  ),
});

const file = z.strictObject({ sha256: z.string(), progress: body });

/** How far a replay came, to go on from there. */
export interface Progress {
  readonly follows: readonly string[];
  readonly network: number;
  readonly point: ReplayPoint;
}

/** Writes how far a replay came; a reader sees this one or the one before. */
export function writeProgress(path: string, { follows, network, point }: Progress): void {
  const programs = Object.fromEntries(
    [...point.state].map(([id, { source, edition, owner, checksum, mappings }]) => {
      const plain = [...mappings].map(([name, entries]) => [name, Object.fromEntries(entries)]);
      return [id, { source, edition, owner, checksum, mappings: Object.fromEntries(plain) }];
    }),
  );
  const progress = {
    format: FORMAT,
    follows: [...follows].sort(),
    network,
    height: point.height,
    block_hash: point.blockHash,
    mapping_ids: point.mappingIds,
    programs,
  };
  const sha256 = hexDigest(JSON.stringify(progress));
  writeFileDurably(path, `${JSON.stringify({ sha256, progress })}\n`, 0o600);
}

/**
 * Reads how far a replay came. @returns Undefined when there is no such file.
 * @throws CheckError when it was altered. @throws InputError when it follows other programs.
 */
export function readProgress(path: string, follows: readonly string[]): Progress | undefined {
  if (!existsSync(path)) return undefined;
  const content = parseStrictJson(readFileSync(path, "utf8"), {}, path);
  const { sha256, progress } = readFields(file, content, path, NEXT);
  if (sha256 !== hexDigest(JSON.stringify(Reflect.get(Object(content), "progress")))) {
    throw new CheckError(`${path}: it was altered since it was written`, { next: NEXT });
  }
  const wanted = [...follows].sort().join(", ");
  if (progress.follows.join(", ") !== wanted) {
    throw InputError.expected(path, `progress of ${wanted}`, progress.follows.join(", "), NEXT);
  }
  const state: LedgerState = new Map();
  for (const [id, { mappings, ...parts }] of Object.entries(progress.programs)) {
    const maps = Object.entries(mappings).map(
      ([name, entries]) => [name, new Map(Object.entries(entries))] as const,
    );
    state.set(id, { ...parts, code: parseProgram(parts.source), mappings: new Map(maps) });
  }
  const { height, block_hash: blockHash, mapping_ids: mappingIds, network } = progress;
  return { follows, network, point: { height, blockHash, state, mappingIds } };
}
