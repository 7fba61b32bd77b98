import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeFileDurably } from "../../chain/files.ts";
import { noteText, type OpenedCheckpoint } from "../../core/log/index.ts";
import type { Alert } from "../alerts/index.ts";
import { runbookOf } from "../monitors/rule.ts";

/** Witnesses tell of the same by their metrics. */
const RULE = { id: "LogEquivocated", severity: "critical" } as const;

/** What is known of a log that contradicts itself. */
export interface ForkSeen {
  readonly tenant: string;
  readonly store: string;
  readonly why: string;
  /** What it said before: the note of a signed head, or the tree of the events that it handed out. */
  readonly before: string;
  /** The signed head that contradicts it. */
  readonly after: OpenedCheckpoint;
  /** When it was seen, milliseconds since 1970. */
  readonly at: number;
}

/**
 * Keeps what contradicts what, and says so.
 *
 * @returns The alert; the same for the same contradiction.
 * @throws the file system's error when the proof cannot be written.
 */
export function forkAlert(folder: string, seen: ForkSeen): Alert {
  const { tenant, store, why, before } = seen;
  const { note, origin, size } = seen.after;
  const after = noteText(note);
  const both = `${headOf(before)}\n${headOf(after)}`;
  const digest = createHash("sha256").update(both).digest("hex").slice(0, 16);
  const proof = join(folder, `log-${store}.fork-${digest}.json`);
  writeFileDurably(proof, `${JSON.stringify({ why, before, after }, undefined, 1)}\n`, 0o600);
  return {
    key: `${RULE.id}/log/${store}/${digest}`,
    rule: RULE.id,
    severity: RULE.severity,
    phase: "open",
    summary: `A log contradicts itself: ${why} (store ${store})`,
    since: new Date(seen.at).toISOString(),
    labels: { origin, tenant, store },
    details: { size: String(size), proof },
    runbook: runbookOf(RULE),
  };
}

/** A note without its signatures: cosignatures come and go. */
const headOf = (note: string): string => note.split("\n\n")[0] ?? note;
