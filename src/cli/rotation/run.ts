import { EXIT } from "../../core/errors.ts";
import { dueWords, isBreach, MISSING, matchesPattern, rotateKey } from "../../keys/index.ts";
import {
  type DueItem,
  stepsAfterBackupSigner,
  stepsAfterMaster,
  stepsAfterRotation,
} from "../../ops/rotation/index.ts";
import { configPath, readSection } from "../config-file.ts";
import { rotate as rotateServiceKey } from "../log/service-keys.ts";
import type { CommandResult } from "../output.ts";
import { note } from "../output.ts";
import { type DueKeys, readDueKeys } from "./due.ts";

export interface RotationOptions {
  readonly config?: string;
  /** False with `--no-log`. */
  readonly log?: boolean;
  /** Also those that are due within two weeks. */
  readonly soon?: boolean;
  readonly dryRun?: boolean;
}

/** `proofx rotation due`: every key that is on a schedule; exit code 1 when one is overdue or missing, or the log's could not be read. */
export async function due({ config, log = true }: RotationOptions, now = new Date()): Promise<CommandResult> {
  const { items, missing, withoutLog } = await readDueKeys(config, log, now);
  const bad = items.some(({ status }) => isBreach(status)) || missing.length > 0;
  return {
    data: { keys: items, missing, without_log: withoutLog?.reason ?? null },
    lines: [
      ...items.map(lineOf),
      ...missing.map((name) => `${name} ${MISSING}`),
      ...unreadLines(withoutLog),
      ...(bad ? ["Next: npx proofx rotation run"] : []),
    ],
    exitCode: bad || withoutLog?.unread === true ? EXIT.failed : EXIT.ok,
  };
}

/** That the log's keys are not among those told; a log that should have been read and was not is nothing to pass over. */
function unreadLines(withoutLog: DueKeys["withoutLog"]): string[] {
  if (withoutLog === undefined) return [];
  const { reason, unread } = withoutLog;
  const line = `without the log's keys: ${reason}`;
  return unread
    ? [
        line,
        "Next: start its database, or stop the process that has the embedded one; --no-log leaves them out",
      ]
    : [line];
}

function lineOf(item: DueItem): string {
  return `${item.kind.padEnd(9)} ${item.name.padEnd(24)} ${dueWords(item)}`;
}

/** What became of a key that was due. */
interface Rotated {
  readonly kind: DueItem["kind"];
  readonly name: string;
  /** `done`: nothing is left to do; `begun`: its successor is there; `open`: somebody else does all of it. */
  readonly status: "done" | "begun" | "open";
  readonly lines: readonly string[];
  /** What is left, in order. */
  readonly next: readonly string[];
}

/** `proofx rotation run`: rotates what is due as far as a command can, and says what is left. Repeated, it goes on and makes nothing twice. */
export async function run(options: RotationOptions, now = new Date()): Promise<CommandResult> {
  const { config, log = true, soon = false, dryRun = false } = options;
  const due = await readDueKeys(config, log, now);
  const unread = due.withoutLog?.unread === true;
  // One that waits to take over does so first: a chain of successors that nobody uses would be no rotation.
  const waiting = new Set(due.items.map(({ successor }) => successor));
  const chosen = due.items
    .filter(({ status }) => status === "overdue" || (soon && status === "soon"))
    .filter(({ kind, name }) => kind !== "keystore" || !waiting.has(name));
  if (dryRun || chosen.length === 0)
    return {
      data: { chosen, rotated: [], without_log: due.withoutLog?.reason ?? null },
      lines: [
        ...(chosen.length === 0 ? ["No key is due"] : chosen.map(lineOf)),
        ...unreadLines(due.withoutLog),
      ],
      exitCode: unread ? EXIT.failed : EXIT.ok,
    };
  const rotated: Rotated[] = [];
  for (const item of chosen) {
    note(`${item.kind} ${item.name}`);
    rotated.push(await rotateOne(item, due, config));
  }
  const left = rotated.filter(({ status }) => status !== "done");
  return {
    data: { chosen, rotated, without_log: due.withoutLog?.reason ?? null },
    lines: [...rotated.flatMap(linesOf), ...unreadLines(due.withoutLog)],
    exitCode: left.length > 0 || unread ? EXIT.failed : EXIT.ok,
  };
}

function linesOf({ kind, name, status, lines, next }: Rotated): string[] {
  return [
    `${kind} ${name}: ${status}`,
    ...lines.map((line) => `  ${line}`),
    ...next.map((step, i) => `  ${i + 1}. ${step}`),
  ];
}

async function rotateOne(item: DueItem, due: DueKeys, config: string | undefined): Promise<Rotated> {
  const { kind, name } = item;
  switch (kind) {
    case "service": {
      const { lines } = await rotateServiceKey(item.purpose, { config, expected: String(item.keyId) });
      return { kind, name, status: "done", lines, next: [] };
    }
    case "agent":
      return { kind, name, status: "open", lines: [], next: stepsOfAgent(item) };
    case "master":
      return await rotateMaster(item, due);
    default: {
      const { from, to } = await rotateKey(due.parts.keys, due.parts.records, name);
      const isSigner = item.purpose === "signers" || matchesPattern("signer*", from.name);
      const signsBackups = readSection(configPath(config), "backup").signer === from.name;
      const next = [
        ...(signsBackups ? stepsAfterBackupSigner(from, to) : stepsAfterRotation(from, to, isSigner)),
        `npx hardhat keys rotate --name ${from.name} --retire`,
      ];
      return {
        kind,
        name,
        status: "begun",
        lines: [`"${to.name}" replaces it: ${to.address ?? to.publicKey}`],
        next,
      };
    }
  }
}

/** The agent has the key, so it makes the next one; the log takes both for as long as they overlap. */
const stepsOfAgent = ({ successor }: DueItem): string[] =>
  successor === undefined
    ? [
        "the agent makes a key and registers it in place of this one: registerKey({ replaces, overlapSeconds }) of the SDK",
      ]
    : [`key ${successor} is registered: the log ends this one by itself`];

/** A new key beside the old, once: found by its name when this is repeated. */
async function rotateMaster({ kind, name }: DueItem, { parts: { keys } }: DueKeys): Promise<Rotated> {
  const held = await keys.list();
  const version = /^(.*?)(?:-(\d+))?$/.exec(name);
  const to = `${version?.[1] ?? name}-${Number(version?.[2] ?? 1) + 1}`;
  const there = held.some((key) => key.name === to);
  if (!there) await keys.create(to, "aes-256");
  return {
    kind,
    name,
    status: "begun",
    lines: [there ? `"${to}" was made before, and waits` : `"${to}" is made; nothing is wrapped by it yet`],
    next: stepsAfterMaster(name, to),
  };
}
