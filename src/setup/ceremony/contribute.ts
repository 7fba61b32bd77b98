import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFileDurably } from "../../chain/files.ts";
import { fromHex, toHex } from "../../core/bytes.ts";
import { CheckError, InputError } from "../../core/errors.ts";
import { readFields } from "../../core/json.ts";
import type { KeyProvider } from "../../core/ports.ts";
import { faultOfChain } from "../chain.ts";
import { hashFile, writeWhole } from "../files.ts";
import { requireWholeKey } from "../key-file.ts";
import { withLock } from "../lock.ts";
import { readKeyHistory } from "../mpc-params.ts";
import { contribute } from "../phase2.ts";
import { DEVELOPMENT_PTAU } from "../ptau.ts";
import { withCurve } from "../snarkjs.ts";
import { requireBeforeBeacon } from "./create.ts";
import { type Ceremony, contributionFile, keyFile, keysFolderOf, readCeremony } from "./folder.ts";
import { faultOfHistory, faultOfKeyFile, faultOfPtauFile, requireNoFault } from "./key-check.ts";
import {
  attestationMessage,
  type Contribution,
  contributionSchema,
  parseRecord,
  recordText,
} from "./record.ts";
import { faultOfContribution, faultOfContributor } from "./rules.ts";

export interface ContributeRequest {
  /** The records so far, as `readCeremony` or a coordinator gives them. */
  readonly ceremony: Ceremony;
  /** The ceremony's latest proving key. */
  readonly from: string;
  /** Where the new proving key goes. */
  readonly to: string;
  /** Name in the records. */
  readonly contributor: string;
  readonly keys: KeyProvider;
  /** Name of the contributor's Ed25519 key. */
  readonly key: string;
  readonly now?: () => Date;
}

/**
 * Adds a contribution with fresh entropy and attests it; changes nothing of the ceremony's folder.
 *
 * The entropy is never written or logged and is gone when this returns.
 *
 * @throws CheckError when the key is not the ceremony's latest, or the beacon may be known; InputError when this
 * contributor may not contribute.
 */
export async function makeContribution(request: ContributeRequest): Promise<Contribution> {
  const { ceremony, from, to, contributor, keys, key, now = () => new Date() } = request;
  requireOpen(ceremony);
  requireBeforeBeacon(ceremony, now());
  const { algorithm, publicKey } = await keys.info(key);
  if (algorithm !== "ed25519") throw InputError.expected(`key "${key}"`, "an ed25519 key", algorithm);
  readFields(contributionSchema.shape.name, contributor, "name");
  const unwelcome = faultOfContributor(ceremony, { name: contributor, publicKey });
  if (unwelcome !== undefined) throw InputError.expected("contributor", unwelcome.expected, unwelcome.got);
  requireNoFault(
    `${from}: the ceremony's latest key`,
    await faultOfKeyFile(from, ceremony.lastKey),
    "fetch the latest key and records; a contribution to an older key would drop those after it",
  );
  await requireWholeKey(from);
  await writeWhole(to, (partial) => contribute(from, partial, contributor));
  const { contributions } = await readKeyHistory(to);
  const { sha256, bytes } = await hashFile(to);
  const unsigned: Omit<Contribution, "signature"> = {
    version: 1,
    ceremony: ceremony.config.id,
    index: ceremony.contributions.length + 1,
    name: contributor,
    publicKey,
    previous: ceremony.head,
    from: ceremony.lastKey.sha256,
    to: { sha256, bytes },
    contributionHash: contributions.at(-1)?.hash ?? "",
    createdAt: now().toISOString(),
  };
  const signature = toHex(await keys.signMessage(key, attestationMessage(unsigned)));
  fromHex("signature", signature, 64);
  return { ...unsigned, signature };
}

/** Reads an attestation that somebody brought. @throws CheckError naming what is wrong with its form. */
export function parseContribution(what: string, text: string): Contribution {
  return parseRecord(contributionSchema, what, text);
}

/**
 * Whether a contribution may come next: its record, its file, and that the key follows from circuit and powers of tau.
 *
 * @param against The key before any contribution and the powers of tau, whose hashes the ceremony fixes.
 * @throws CheckError naming what is wrong.
 */
export async function requireNextContribution(
  ceremony: Ceremony,
  record: Contribution,
  zkey: string,
  { initialKey, ptau }: { readonly initialKey: string; readonly ptau: string },
): Promise<void> {
  requireOpen(ceremony);
  requireNoFault(`contribution ${record.index} of ${record.name}`, faultOfContribution(ceremony, record));
  requireNoFault(`${zkey}: the key of the attestation`, await faultOfKeyFile(zkey, record.to));
  requireNoFault(
    `${zkey}: its list of contributions`,
    await faultOfHistory(zkey, ceremony.config, [...ceremony.contributions, record]),
  );
  requireNoFault(
    `${initialKey}: the key before any contribution`,
    await faultOfKeyFile(initialKey, ceremony.config.initialKey),
  );
  requireNoFault(`${ptau}: the powers of tau`, await faultOfPtauFile(ptau, ceremony.config), PTAU_NEXT);
  const fault = await withCurve(() => faultOfChain({ zkey, initialKey, ptau }));
  if (fault === undefined) return;
  throw new CheckError(`${zkey}: the key does not follow from the one before: ${fault}`, {
    next: "make the contribution again",
  });
}

export interface AcceptRequest {
  readonly folder: string;
  readonly keys?: string | undefined;
  /** Text of the attestation. */
  readonly attestation: string;
  /** The proving key that it tells of. */
  readonly zkey: string;
  /** Powers of tau of the ceremony; the development ones unless given. */
  readonly ptau?: string | undefined;
  readonly now?: () => Date;
}

/**
 * Checks a contribution and puts it in its place; once this returns, it survives a crash.
 *
 * The key is written before its record, so a record never stands without its key. A contribution that is in its place
 * already is found there.
 *
 * @throws CheckError naming what is wrong; nothing was changed then.
 */
export async function acceptContribution(request: AcceptRequest): Promise<Ceremony> {
  const { folder, attestation, zkey, now = () => new Date() } = request;
  const keys = keysFolderOf(folder, request.keys);
  const record = parseContribution("attestation", attestation);
  return await withLock(
    join(folder, "ceremony.json"),
    () => {},
    async () => {
      const ceremony = await readCeremony(folder);
      const there = ceremony.contributions[record.index - 1];
      if (there !== undefined && recordText(there) === attestation) return ceremony;
      requireBeforeBeacon(ceremony, now());
      await requireNextContribution(ceremony, record, zkey, {
        initialKey: join(keys, keyFile(0)),
        ptau: request.ptau ?? DEVELOPMENT_PTAU,
      });
      const target = join(keys, keyFile(record.index));
      if (target !== zkey) await writeWhole(target, (to) => copyFile(zkey, to));
      writeFileDurably(join(folder, contributionFile(record.index)), attestation);
      return await readCeremony(folder);
    },
  );
}

/** Makes a contribution in the ceremony's own folder, where all its parties share a machine. */
export async function contributeInPlace(
  request: Omit<ContributeRequest, "ceremony" | "from" | "to"> & {
    readonly folder: string;
    readonly keysFolder?: string | undefined;
    readonly ptau?: string | undefined;
  },
): Promise<Ceremony> {
  const { folder, keysFolder } = request;
  const ceremony = await readCeremony(folder);
  const keys = keysFolderOf(folder, keysFolder);
  const index = ceremony.contributions.length;
  const to = join(keys, `${keyFile(index + 1)}.made`);
  try {
    const record = await makeContribution({ ...request, ceremony, from: join(keys, keyFile(index)), to });
    const attestation = recordText(record);
    return await acceptContribution({
      folder,
      keys,
      attestation,
      zkey: to,
      ptau: request.ptau,
      ...(request.now === undefined ? {} : { now: request.now }),
    });
  } finally {
    await rm(to, { force: true });
  }
}

const PTAU_NEXT = "name the file that the ceremony began with: --ptau FILE";

function requireOpen({ config, beacon }: Ceremony): void {
  if (beacon === undefined) return;
  throw new CheckError(`the ceremony ${config.name} is finished: its beacon was applied`);
}
