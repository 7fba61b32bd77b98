import { CheckError } from "../../core/errors.ts";
import {
  eventLeaf,
  leafOf,
  parseEvent,
  parseReceipt,
  type SequencedEvent,
  verifyEvent,
  verifyLogInclusion,
  verifyReceipt,
} from "../../core/log/index.ts";
import type { ReadCheckpoint } from "./check-checkpoint.ts";
import { StreamKeys } from "./check-keys.ts";
import type { Findings } from "./report.ts";
import type { AuditEntry, AuditFile } from "./schema.ts";

/** An entry that was checked: its leaf, and its event when the file tells it. */
export interface CheckedEntry {
  readonly sequence: bigint;
  readonly leaf: Uint8Array;
  readonly sequenced?: SequencedEvent;
}

/** The registrar's events, each in the checkpoint's log and taken in its order. */
export async function checkFoundations(
  file: AuditFile,
  checkpoint: ReadCheckpoint,
  findings: Findings,
): Promise<StreamKeys> {
  const keys = new StreamKeys();
  const { foundations } = file;
  for (const [i, entry] of foundations.entries()) {
    await findings.check(`foundations[${i}]`, () => {
      requireAscending(foundations, i);
      const { sequenced } = locate(file, entry, checkpoint);
      if (sequenced === undefined || entry.receipt !== undefined || entry.batch_path !== undefined)
        throw new CheckError("expected a whole event of the registrar and its path, nothing else");
      keys.take(sequenced);
    });
  }
  return keys;
}

/** Each entry in the log; each whole event also by its agent's key, and with its receipt. */
export async function checkEntries(
  file: AuditFile,
  checkpoint: ReadCheckpoint,
  keys: StreamKeys,
  findings: Findings,
): Promise<CheckedEntry[]> {
  const { entries } = file;
  const checked: CheckedEntry[] = [];
  for (const [i, entry] of entries.entries()) {
    const { sequence_number: sequence } = entry;
    const done = await findings.check(`entries[${i}], sequence ${sequence}`, () => {
      requireAscending(entries, i);
      const located = locate(file, entry, checkpoint);
      findings.proved(`sequence ${sequence} is in the checkpoint's log, at its place`);
      return located;
    });
    if (done === undefined) continue;
    checked.push(done);
    const { sequenced } = done;
    if (sequenced === undefined)
      findings.notProved(
        `what sequence ${sequence} says, and who signed it: only what its leaf is made of is given`,
      );
    else await checkEvent(i, entry, sequenced, keys, findings);
  }
  return checked;
}

async function checkEvent(
  i: number,
  entry: AuditEntry,
  sequenced: SequencedEvent,
  keys: StreamKeys,
  findings: Findings,
): Promise<void> {
  const { sequence, event } = sequenced;
  const place = `entries[${i}], sequence ${sequence}`;
  await findings.check(place, () => {
    verifyEvent(event, keys.keyOf(sequenced));
    findings.proved(
      `sequence ${sequence} is event ${event.eventId} (${event.eventType}), signed by agent ${event.sourceAgentId} ` +
        `with its key ${event.agentKeyId}, registered before`,
    );
  });
  if (event.payloadKind === 1)
    findings.notProved(
      `what the encrypted payload of sequence ${sequence} says: only a recipient can open it`,
    );
  if (entry.receipt === undefined) {
    findings.notProved(
      `when sequence ${sequence} was taken: the file has no receipt of it`,
      unsignedFields(i, sequenced),
    );
    return;
  }
  await findings.check(`${place}: receipt`, () => {
    const receipt = parseReceipt(entry.receipt, "receipt");
    if (receipt.sequence !== sequence) throw new CheckError(`it is for sequence ${receipt.sequence}`);
    verifyReceipt(receipt, event, keys.receiptKeys);
    const time = new Date(Number(receipt.sequencedAt)).toISOString();
    findings.proved(`the sequencer promised sequence ${sequence} at ${time}, by its own clock`);
  });
}

/** Of version 1 these are covered by the receipt alone. */
function unsignedFields(i: number, { event }: SequencedEvent): string[] {
  if (event.vesVersion !== 1) return [];
  return [`entries[${i}].event.command_id`, `entries[${i}].event.base_version`];
}

/** Recomputes an entry's leaf and its way to the checkpoint's root. */
function locate(file: AuditFile, entry: AuditEntry, { size, root }: ReadCheckpoint): CheckedEntry {
  const { tenant_id: tenantId, store_id: storeId } = file;
  const { sequence_number: sequence, log_path: path } = entry;
  const sequenced =
    entry.event === undefined ? undefined : { sequence, event: parseEvent(entry.event, "event") };
  if (
    sequenced !== undefined &&
    (sequenced.event.tenantId !== tenantId || sequenced.event.storeId !== storeId)
  )
    throw new CheckError("it is of another stream than the file's");
  const leaf =
    sequenced === undefined
      ? leafOf({ tenantId, storeId, sequence, ...preimage(entry) })
      : eventLeaf(sequenced);
  verifyLogInclusion(leaf, { index: sequence - 1n, size, path }, root);
  return { sequence, leaf, ...(sequenced === undefined ? {} : { sequenced }) };
}

function preimage({ leaf }: AuditEntry) {
  if (leaf === undefined) throw new CheckError("it has neither event nor leaf");
  return { signingHash: leaf.signing_hash, agentSignature: leaf.agent_signature };
}

function requireAscending(entries: readonly AuditEntry[], i: number): void {
  const before = entries[i - 1]?.sequence_number ?? 0n;
  const own = entries[i]?.sequence_number ?? 0n;
  if (own <= before) throw new CheckError(`expected ascending sequence numbers, got ${own} after ${before}`);
}
