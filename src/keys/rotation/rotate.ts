import { CheckError, InputError, RefusedError } from "../../core/errors.ts";
import type { KeyInfo, KeyProvider } from "../../core/ports.ts";
import { isSigned, signStatement } from "../statement.ts";
import { nextName, versionsOf } from "./pattern.ts";
import type { KeyReference, RotationRecord, RotationRecords } from "./records.ts";

const TAG = "PROOFX_KEY_ROTATION_V1";

/** How far the clock of a token or a cloud may be from ours. */
const CLOCK_SKEW_MS = 10 * 60_000;

/** A key and the one that replaces it. */
export interface Rotation {
  readonly from: KeyInfo;
  readonly to: KeyInfo;
  /** RFC 3339, UTC: since when both are there. */
  readonly replacedAt: string;
}

/**
 * Makes the successor of a key and the record that it is one.
 *
 * Three steps, each durable before the next: the successor's name is written down, the key is made under it, both keys
 * sign the record. Called again after a crash or while the rotation is pending it goes on and never makes a second key.
 * Nothing happens on a chain, and the old key stays as it is.
 *
 * @param name Any version of the key; the one in use is rotated.
 * @throws InputError when there is no such key; CheckError when a record is not what these keys signed.
 */
export async function rotateKey(
  keys: KeyProvider,
  records: RotationRecords,
  name: string,
): Promise<Rotation> {
  const from = await keys.info(await currentName(keys, records, name));
  const pending = await readReplaced(keys, records, from.name);
  if (pending !== undefined) return pending;

  const taken = (await keys.list()).map((key) => key.name);
  const begun = await records.write("begun", from.name, {
    version: 1,
    from: reference(from),
    to: nextName(from.name, taken),
    begunAt: new Date().toISOString(),
  });
  requireSameKey(records.path("begun", from.name), begun.from, from);
  const to = await successor(keys, records.path("begun", from.name), begun);

  const statement = { from: reference(from), to: reference(to), replacedAt: new Date().toISOString() };
  await records.write("replaced", from.name, {
    version: 1,
    ...statement,
    signatures: {
      from: await signStatement(TAG, keys, statement.from, statement),
      to: await signStatement(TAG, keys, statement.to, statement),
    },
  });
  const rotation = await readReplaced(keys, records, from.name);
  if (rotation === undefined) throw new CheckError(`the record of ${from.name}'s rotation went away`);
  return rotation;
}

/**
 * Writes down that a replaced key has no role any more; from then on its successor is the key in use.
 *
 * @throws RefusedError when it has no successor yet.
 */
export async function retireKey(
  keys: KeyProvider,
  records: RotationRecords,
  name: string,
): Promise<Rotation & { readonly retiredAt: string }> {
  const current = await currentName(keys, records, name);
  const pending = await readReplaced(keys, records, current);
  if (pending === undefined) {
    throw new RefusedError(`key "${current}" has no successor, so it cannot be retired`, {
      next: `npx hardhat keys rotate --name ${current}`,
    });
  }
  const [key, next] = [reference(pending.from), reference(pending.to)];
  const statement = { key, successor: next, retiredAt: new Date().toISOString() };
  const signature = await signStatement(TAG, keys, next, statement);
  const { retiredAt } = await records.write("retired", current, { version: 1, ...statement, signature });
  return { ...pending, retiredAt };
}

/**
 * The successor of each replaced key, by the old key's name, and which of them are retired; every record is verified.
 *
 * @throws CheckError naming the record that is not what its keys signed.
 */
export async function readRotations(
  keys: readonly KeyInfo[],
  records: RotationRecords,
): Promise<{ readonly successors: Map<string, string>; readonly retired: Set<string> }> {
  const successors = new Map<string, string>();
  const retired = new Set<string>();
  for (const { name } of keys) {
    if ((await retirement(keys, records, name)) !== undefined) retired.add(name);
    const replaced = await records.read("replaced", name);
    if (replaced === undefined) continue;
    verifyReplaced(keys, records, name, replaced);
    successors.set(name, replaced.to.name);
  }
  return { successors, retired };
}

/** Follows the retired versions of a key to the one in use. */
async function currentName(keys: KeyProvider, records: RotationRecords, name: string): Promise<string> {
  const held = await keys.list();
  const seen = new Set<string>();
  for (let current = await heldName(held, records, name); ; ) {
    const step = await retirement(held, records, current);
    if (step === undefined) return current;
    if (seen.has(current)) throw damaged(records.path("retired", current), "it leads back to itself");
    seen.add(current);
    current = await heldName(held, records, step.successor.name);
  }
}

/** The name itself, or, when that key was retired and deleted, the oldest version that is left and not retired. */
async function heldName(held: readonly KeyInfo[], records: RotationRecords, name: string): Promise<string> {
  if (held.some((key) => key.name === name)) return name;
  for (const version of versionsOf(
    name,
    held.map((key) => key.name),
  )) {
    if ((await retirement(held, records, version)) === undefined) return version;
  }
  return name;
}

/** The verified record that a key is retired; undefined while it is not. */
async function retirement(
  keys: readonly KeyInfo[],
  records: RotationRecords,
  name: string,
): Promise<RotationRecord<"retired"> | undefined> {
  const retired = await records.read("retired", name);
  if (retired === undefined) return undefined;
  const replaced = await records.read("replaced", name);
  if (replaced === undefined) throw damaged(records.path("retired", name), "no record says what replaced it");
  verifyReplaced(keys, records, name, replaced);
  verifyRetired(records, replaced, retired);
  return retired;
}

/** The key that a begun rotation makes; one that is there already is its own from before a crash. */
async function successor(
  keys: KeyProvider,
  path: string,
  { from, to, begunAt }: RotationRecord<"begun">,
): Promise<KeyInfo> {
  const there = (await keys.list()).find((key) => key.name === to);
  const key = there ?? (await createOrFind(keys, to, from.algorithm));
  const early = Date.parse(key.createdAt) < Date.parse(begunAt) - CLOCK_SKEW_MS;
  if (key.algorithm === from.algorithm && !early) return key;
  throw new RefusedError(`key "${to}" was not made by this rotation, and keys are never overwritten`, {
    next: `delete ${path}, then rotate again; the next free name is taken`,
  });
}

async function createOrFind(
  keys: KeyProvider,
  name: string,
  algorithm: KeyInfo["algorithm"],
): Promise<KeyInfo> {
  try {
    return await keys.create(name, algorithm);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    // Another process rotates the same key, and was faster.
    return keys.info(name).catch(() => {
      throw error;
    });
  }
}

async function readReplaced(
  keys: KeyProvider,
  records: RotationRecords,
  name: string,
): Promise<Rotation | undefined> {
  const record = await records.read("replaced", name);
  if (record === undefined) return undefined;
  const [from, to] = [await keys.info(name), await keys.info(record.to.name)];
  verifyReplaced([from, to], records, name, record);
  return { from, to, replacedAt: record.replacedAt };
}

function verifyReplaced(
  keys: readonly KeyInfo[],
  records: RotationRecords,
  name: string,
  { from, to, replacedAt, signatures }: RotationRecord<"replaced">,
): void {
  const path = records.path("replaced", name);
  const statement = { from, to, replacedAt };
  const held = (key: KeyReference) => keys.find((other) => other.name === key.name);
  const old = held(from);
  if (old === undefined) throw damaged(path, `there is no key "${from.name}"`);
  requireSameKey(path, from, old);
  // The old key's signature vouches for its successor, which may itself be retired and deleted by now.
  const next = held(to);
  if (next !== undefined) requireSameKey(path, to, next);
  if (from.name !== name) throw damaged(path, `it is of key "${from.name}"`);
  if (isSigned(TAG, from, statement, signatures.from) && isSigned(TAG, to, statement, signatures.to)) return;
  throw damaged(path, "its two keys did not sign it");
}

function verifyRetired(
  records: RotationRecords,
  { from, to }: RotationRecord<"replaced">,
  { key, successor: next, retiredAt, signature }: RotationRecord<"retired">,
): void {
  const path = records.path("retired", from.name);
  if (key.publicKey !== from.publicKey || next.publicKey !== to.publicKey) {
    throw damaged(path, "it is of other keys");
  }
  if (isSigned(TAG, to, { key, successor: next, retiredAt }, signature)) return;
  throw damaged(path, "the successor did not sign it");
}

/** @throws InputError for a key that cannot sign the record of its rotation. */
function reference({ name, algorithm, publicKey }: KeyInfo): KeyReference {
  if (algorithm === "aes-256") {
    throw InputError.expected(
      `key "${name}"`,
      "a key that signs",
      algorithm,
      "a master key of the log is rotated by npx hardhat log keys rotate --master",
    );
  }
  if (algorithm === "aleo") {
    throw InputError.expected(
      `key "${name}"`,
      "a key that signs on the chain or in the log",
      algorithm,
      "make a new key with keys create, and hand its roles over on Aleo: npx hardhat aleo rotate-admin",
    );
  }
  return { name, algorithm, publicKey };
}

function requireSameKey(path: string, written: KeyReference, held: KeyInfo): void {
  if (written.publicKey === held.publicKey && written.algorithm === held.algorithm) return;
  throw damaged(path, `its key "${written.name}" is not the one that is here`);
}

function damaged(path: string, reason: string): CheckError {
  return new CheckError(`rotation record ${path} cannot be believed: ${reason}`, {
    next: "restore it from a backup, or find out who wrote it",
  });
}
