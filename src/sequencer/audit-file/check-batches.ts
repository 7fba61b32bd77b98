import { equalBytes, toHex } from "../../core/bytes.ts";
import { CheckError } from "../../core/errors.ts";
import {
  contentRoot,
  MAX_BATCH_COUNT,
  stateRoot,
  verifyBatchInclusion,
  verifyLogConsistency,
} from "../../core/log/index.ts";
import type { ReadCheckpoint } from "./check-checkpoint.ts";
import type { CheckedEntry } from "./check-entries.ts";
import type { Findings } from "./report.ts";
import type { AuditAnchor, AuditBatch, AuditFile } from "./schema.ts";
import type { AuditTrust } from "./trust.ts";

/** Each batch's roots: its link of the state chain, its log within the checkpoint's, its anchor. */
export async function checkBatches(
  file: AuditFile,
  checkpoint: ReadCheckpoint,
  streamId: Uint8Array,
  trust: AuditTrust,
  findings: Findings,
): Promise<void> {
  let before = 0n;
  for (const [i, batch] of file.batches.entries()) {
    const { start_sequence: start, end_sequence: end } = batch;
    const sound = await findings.check(`batches[${i}]`, () => {
      if (start <= before) throw new CheckError("expected ascending batches that do not overlap");
      requireStateRoot(batch, streamId);
      requireSameLog(batch, checkpoint);
      return true;
    });
    before = end;
    if (sound !== true) continue;
    findings.proved(
      `batch ${start} to ${end}: its log root is the checkpoint's log at ${end}, and its state root is made of its roots`,
    );
    if (start > 1n)
      findings.notProved(`the batches before sequence ${start}: only the state root they led to is given`);
    await checkAnchor(i, batch, streamId, trust, findings);
  }
}

/** That each entry with a batch path is in the batch that covers it. */
export async function checkBatchPaths(
  file: AuditFile,
  checked: readonly CheckedEntry[],
  findings: Findings,
): Promise<void> {
  const leaves = new Map(checked.map(({ sequence, leaf }) => [sequence, leaf]));
  for (const [i, { sequence_number: sequence, batch_path: path }] of file.entries.entries()) {
    const leaf = leaves.get(sequence);
    if (leaf === undefined) continue;
    if (path === undefined) {
      findings.notProved(`that sequence ${sequence} is in an anchored batch: the file has no path to one`);
      continue;
    }
    await findings.check(`entries[${i}], sequence ${sequence}: batch_path`, () => {
      const batch = file.batches.find(
        (each) => each.start_sequence <= sequence && sequence <= each.end_sequence,
      );
      if (batch === undefined) throw new CheckError("no batch of the file covers it");
      const { start_sequence: start, end_sequence: end, batch_root: root } = batch;
      verifyBatchInclusion(
        leaf,
        { index: Number(sequence - start), count: Number(end - start) + 1, path },
        root,
      );
      findings.proved(`sequence ${sequence} is under the batch root of batch ${start} to ${end}`);
    });
  }
}

function requireStateRoot(batch: AuditBatch, streamId: Uint8Array): void {
  const { start_sequence: start, end_sequence: end } = batch;
  const count = end - start + 1n;
  if (count < 1n || count > MAX_BATCH_COUNT) throw new CheckError(`it has ${count} events`);
  if (start === 1n && !equalBytes(batch.previous_state_root, new Uint8Array(32)))
    throw new CheckError("expected a zero state root before the first batch");
  const computed = stateRoot({
    streamId,
    previous: batch.previous_state_root,
    contentRoot: contentRoot({
      batchRoot: batch.batch_root,
      factsRoot: batch.facts_root,
      logRoot: batch.log_root,
    }),
    start,
    end,
    count: Number(count),
  });
  if (!equalBytes(computed, batch.state_root))
    throw new CheckError(`state_root: expected ${toHex(computed)}, got ${toHex(batch.state_root)}`);
}

function requireSameLog(
  { end_sequence: end, log_root, log_consistency: path }: AuditBatch,
  { size, root }: ReadCheckpoint,
) {
  if (end <= size) verifyLogConsistency({ first: end, second: size, path }, log_root, root);
  else verifyLogConsistency({ first: size, second: end, path }, root, log_root);
}

async function checkAnchor(
  i: number,
  batch: AuditBatch,
  streamId: Uint8Array,
  { deployment, chain }: AuditTrust,
  findings: Findings,
): Promise<void> {
  const { anchor, start_sequence: start, end_sequence: end } = batch;
  const name = `batch ${start} to ${end}`;
  const only = ", which alone would vouch for its batch root and facts root";
  if (anchor === undefined) {
    findings.notProved(`that ${name} was anchored${only}: the file names no transaction`);
    return;
  }
  const place = `batches[${i}].anchor`;
  const pinned = await findings.check(place, () => requirePinned(anchor, deployment));
  if (deployment !== undefined && pinned === undefined) return;
  if (chain === undefined) {
    const known = deployment === undefined ? "" : ", at the pinned registry";
    findings.notProved(`that ${name} was anchored${known}${only}: no chain was asked (--rpc, --deployment)`, [
      place,
    ]);
    return;
  }
  await findings.check(place, async () => {
    await chain.checkAnchor(streamId, batch, anchor);
    findings.proved(
      `${name} was anchored on chain ${anchor.chain_id} in block ${anchor.block_number}, transaction ` +
        `${toHex(anchor.transaction_hash)}, as the node asked says`,
    );
  });
}

function requirePinned(anchor: AuditAnchor, deployment: AuditTrust["deployment"]): true {
  if (deployment === undefined) return true;
  if (anchor.chain_id !== deployment.chainId)
    throw new CheckError(
      `chain_id: expected ${deployment.chainId}, the pinned deployment's, got ${anchor.chain_id}`,
    );
  if (toHex(anchor.registry) !== deployment.registry)
    throw new CheckError(
      `registry: expected the pinned ${deployment.registry}, got ${toHex(anchor.registry)}`,
    );
  return true;
}
