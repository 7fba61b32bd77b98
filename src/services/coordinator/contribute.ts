import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeFileDurably } from "../../chain/files.ts";
import { CheckError, errorCode, RefusedError } from "../../core/errors.ts";
import {
  type Ceremony,
  type Contribution,
  contributionFile,
  FILES,
  keyFile,
  makeContribution,
  parseContribution,
  readCeremony,
  recordText,
} from "../../setup/ceremony/index.ts";
import { type ContributorIdentity, CoordinatorClient, CoordinatorRefusal } from "./client.ts";
import type { RecordsAnswer } from "./protocol.ts";

export interface ContributeAtRequest {
  readonly url: string;
  /** Folder for the contributor's copy of the records. One that holds the ceremony's beginning already pins it. */
  readonly folder: string;
  readonly who: ContributorIdentity;
  readonly note: (line: string) => void;
  readonly now?: () => Date;
  readonly pollMs?: number;
  readonly chunkBytes?: number;
}

const POLL_MS = 2_000;
const CHUNK_BYTES = 4 * 2 ** 20;

/**
 * Contributes at a coordinator: waits for the turn, makes the contribution here, uploads key and attestation, and sees
 * itself in the records. Run again after an interruption, it goes on with what it made and what was uploaded.
 *
 * @returns the record, which was seen among the ceremony's.
 * @throws RefusedError when kept out; CheckError when the coordinator's records do not hold or it refuses.
 */
export async function contributeAt(request: ContributeAtRequest): Promise<Contribution> {
  const { url, folder, who, note } = request;
  const client = new CoordinatorClient(url);
  let ceremony = await fetchRecords(client, folder);
  const { publicKey } = await who.keys.info(who.key);
  const done = ceremony.contributions.find((each) => each.publicKey === publicKey);
  if (done !== undefined) return done;
  await client.join(ceremony.config.id, who);
  for (;;) {
    await waitForTurn(client, ceremony, request);
    ceremony = await fetchRecords(client, folder);
    const made = await ownContribution(client, ceremony, request);
    try {
      await hand(client, made, request);
    } catch (error) {
      if (error instanceof CoordinatorRefusal && error.code === "stale-key") continue;
      throw error;
    }
    note("the coordinator accepted the contribution");
    const record = await seeIncluded(client, folder, made.record);
    // Under its name in the records, a later verification of this copy finds it.
    await rename(made.zkey, join(folder, FILES.keys, keyFile(record.index)));
    return record;
  }
}

interface Made {
  readonly record: Contribution;
  readonly zkey: string;
  /** Whether it was made by an earlier run: only then an upload that was begun is of this key. */
  readonly before: boolean;
}

/** The records as the coordinator has them, checked; never a shorter or another history than before. */
async function fetchRecords(client: CoordinatorClient, folder: string): Promise<Ceremony> {
  const records = await client.records();
  await mkdir(join(folder, FILES.contributions), { recursive: true });
  await mkdir(join(folder, FILES.keys), { recursive: true });
  for (const [file, text] of filesOf(records)) {
    const there = await readIfThere(join(folder, file));
    if (there === undefined) writeFileDurably(join(folder, file), text);
    else if (there !== text) {
      throw new CheckError(`${join(folder, file)}: the coordinator shows another record than it did before`, {
        next: "ask the other contributors which one they have; a coordinator must never change a record",
      });
    }
  }
  return await readCeremony(folder);
}

function filesOf({ config, contributions, beacon }: RecordsAnswer): [file: string, text: string][] {
  return [
    [FILES.config, config],
    ...contributions.map((text, i): [string, string] => [contributionFile(i + 1), text]),
    ...(beacon === null ? [] : [[FILES.beacon, beacon] as [string, string]]),
  ];
}

async function waitForTurn(
  client: CoordinatorClient,
  { config }: Ceremony,
  { who, note, pollMs = POLL_MS }: ContributeAtRequest,
): Promise<void> {
  let told = -1;
  for (;;) {
    const turn = await client.turn().catch(async (error: unknown) => {
      // The turn passed on, or the coordinator forgot the token: back to the end of the queue.
      if (!(error instanceof CoordinatorRefusal) || error.code !== "not-authenticated") throw error;
      await client.join(config.id, who);
      return await client.turn();
    });
    if (turn.state === "turn") {
      note(`it is your turn, until ${turn.deadline}`);
      return;
    }
    if (turn.ahead !== told) note(`waiting; contributors ahead: ${turn.ahead}`);
    told = turn.ahead;
    await sleep(pollMs);
  }
}

/** Makes the contribution, or finds the one made before the interruption if it still comes next. */
async function ownContribution(
  client: CoordinatorClient,
  ceremony: Ceremony,
  { folder, who, note, now }: ContributeAtRequest,
): Promise<Made> {
  const index = ceremony.contributions.length;
  const zkey = join(folder, FILES.keys, `own-${keyFile(index + 1)}`);
  const attestation = join(folder, FILES.keys, `own-${index + 1}.json`);
  const text = await readIfThere(attestation);
  if (text !== undefined) {
    const record = parseContribution(attestation, text);
    if (record.previous === ceremony.head) return { record, zkey, before: true };
  }
  note(`fetching key ${index} and contributing`);
  const from = join(folder, FILES.keys, keyFile(index));
  await client.downloadKey(index, ceremony.lastKey.bytes, from);
  const timed = now === undefined ? {} : { now };
  const { name: contributor, keys, key } = who;
  const record = await makeContribution({ ceremony, from, to: zkey, contributor, keys, key, ...timed });
  writeFileDurably(attestation, recordText(record));
  await rm(from, { force: true });
  return { record, zkey, before: false };
}

async function hand(
  client: CoordinatorClient,
  { record, zkey, before }: Made,
  { note, chunkBytes = CHUNK_BYTES }: ContributeAtRequest,
): Promise<void> {
  const begun = before ? (await client.turn()).upload : null;
  await client.upload(zkey, begun, chunkBytes, (sent, all) => note(`uploaded ${sent} of ${all} bytes`));
  await client.submit(recordText(record));
}

async function seeIncluded(
  client: CoordinatorClient,
  folder: string,
  record: Contribution,
): Promise<Contribution> {
  const { contributions } = await fetchRecords(client, folder);
  const there = contributions[record.index - 1];
  if (there !== undefined && recordText(there) === recordText(record)) return record;
  throw new RefusedError("the coordinator accepted the contribution and does not show it", {
    next: "keep your attestation and tell the other contributors",
  });
}

async function readIfThere(path: string): Promise<string | undefined> {
  return await readFile(path, "utf8").catch((cause: unknown) => {
    if (errorCode(cause) === "ENOENT") return undefined;
    throw cause;
  });
}
