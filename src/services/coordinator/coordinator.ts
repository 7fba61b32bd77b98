import { createHash, randomBytes } from "node:crypto";
import { access, mkdir, readFile } from "node:fs/promises";
import { join as joinPath } from "node:path";
import type { Readable } from "node:stream";
import { writeFileDurably } from "../../chain/files.ts";
import { fromHex } from "../../core/bytes.ts";
import { CheckError, errorCode, InputError, UnavailableError } from "../../core/errors.ts";
import { readJson } from "../../core/json.ts";
import { verifyEd25519 } from "../../core/log/signature.ts";
import {
  acceptContribution,
  type Ceremony,
  faultOfContributor,
  keyFile,
  keysFolderOf,
  parseContribution,
  readCeremony,
  recordText,
} from "../../setup/ceremony/index.ts";
import { Problem } from "../support/problem.ts";
import { Challenges } from "./challenges.ts";
import { type JoinRequest, joinMessage, type TurnAnswer } from "./protocol.ts";
import {
  advance,
  aheadOf,
  type Contributor,
  emptyQueue,
  join,
  keepOut,
  type QueueState,
  queueSchema,
  type Turn,
  without,
} from "./queue.ts";
import type { CoordinatorSettings } from "./settings.ts";
import { Uploads } from "./uploads.ts";

/** What happened, for metrics. */
export type CoordinatorEvent = "accepted" | "refused" | "passed-on";

/**
 * Lets contributors take turns at a ceremony. The ceremony's folder is the truth; the queue beside it is on the disk
 * before anybody is told of it, so a coordinator that was killed goes on where it was.
 */
export class Coordinator {
  readonly #settings: CoordinatorSettings;
  readonly #now: () => Date;
  readonly #onEvent: (event: CoordinatorEvent) => void;
  readonly #uploads: Uploads;
  readonly #challenges = new Challenges();
  #queue: QueueState;
  /** While a contribution is being checked, its turn does not run out. */
  #checking = false;

  private constructor(
    settings: CoordinatorSettings,
    queue: QueueState,
    uploads: Uploads,
    now: () => Date,
    onEvent: (event: CoordinatorEvent) => void,
  ) {
    this.#settings = settings;
    this.#queue = queue;
    this.#uploads = uploads;
    this.#now = now;
    this.#onEvent = onEvent;
  }

  /**
   * Opens the ceremony and the queue that was left.
   *
   * @throws UnavailableError or CheckError when there is no sound ceremony; InputError for a queue of another one.
   */
  static async open(
    settings: CoordinatorSettings,
    now: () => Date = () => new Date(),
    onEvent: (event: CoordinatorEvent) => void = () => {},
  ): Promise<Coordinator> {
    const { config } = await readCeremony(settings.ceremony);
    await mkdir(settings.state, { recursive: true });
    const queue = await readQueue(queueFile(settings), config.id);
    const uploads = await Uploads.open(joinPath(settings.state, "uploads"), queue.turn?.upload?.id);
    return new Coordinator(settings, queue, uploads, now, onEvent);
  }

  /** The records as they are now, all rules between them checked. */
  ceremony(): Promise<Ceremony> {
    return readCeremony(this.#settings.ceremony);
  }

  /** How many wait, the one whose turn it is among them. */
  get waiting(): number {
    return this.#queue.waiting.length + (this.#queue.turn === null ? 0 : 1);
  }

  challenge(): string {
    return this.#challenges.issue(this.#now().getTime());
  }

  /** Gives a contributor who proves the key a place in the queue, or the old place. @returns the bearer token. */
  async join(request: JoinRequest): Promise<string> {
    const ceremony = await this.ceremony();
    this.#requireOpen(ceremony);
    const { publicKey, name, challenge, signature } = request;
    const message = joinMessage(ceremony.config.id, request);
    const holds = verifyEd25519(fromHex("s", signature, 64), message, fromHex("key", publicKey, 32));
    // The signature comes first: a challenge is used up only by whoever has the key.
    if (!holds || !this.#challenges.use(challenge, this.#now().getTime())) {
      throw new Problem("not-authenticated", "the challenge or its signature does not hold");
    }
    const unwelcome = faultOfContributor(ceremony, { name, publicKey });
    if (unwelcome !== undefined) {
      throw new Problem("kept-out", `expected ${unwelcome.expected}, got ${unwelcome.got}`);
    }
    const token = randomBytes(32).toString("hex");
    const joinedAt = this.#now().toISOString();
    const who: Contributor = { publicKey, name, tokenHash: hashOf(token), joinedAt };
    this.#save(join(this.#queue, who, this.#settings.queue_limit));
    await this.#advance(ceremony);
    return token;
  }

  /** Where the holder of a token stands. */
  async turn(token: string): Promise<TurnAnswer> {
    const ceremony = await this.ceremony();
    await this.#advance(ceremony);
    const { publicKey } = this.#holder(token);
    const { turn } = this.#queue;
    if (turn?.contributor.publicKey === publicKey) {
      const upload = turn.upload === null ? null : `/v1/uploads/${turn.upload.id}`;
      return { state: "turn", ahead: 0, deadline: new Date(turn.deadline).toISOString(), upload };
    }
    return { state: "waiting", ahead: aheadOf(this.#queue, publicKey) ?? 0, deadline: null, upload: null };
  }

  /** Path of a proving key that the records tell of. @throws Problem when there is none. */
  async keyPath(index: number): Promise<string> {
    const { contributions } = await this.ceremony();
    if (index > contributions.length) throw new Problem("not-found", "no such key");
    const path = joinPath(this.#keys, keyFile(index));
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (!there) throw new Problem("not-found", "this key is not kept here");
    return path;
  }

  /** Begins the upload of the contributor whose turn it is, in place of one begun before. @returns its id. */
  async createUpload(token: string, length: number): Promise<string> {
    const ceremony = await this.ceremony();
    const turn = await this.#ownTurn(token, ceremony);
    const most = ceremony.lastKey.bytes + this.#settings.key_growth_limit;
    if (length > most) throw new Problem("too-large", `a key after this one has at most ${most} bytes`);
    if (this.#checking) throw new Problem("upload-busy", "the contribution is being checked");
    const id = await this.#uploads.create();
    const current = this.#queue.turn;
    if (current?.contributor.publicKey !== turn.contributor.publicKey || this.#checking) {
      await this.#uploads.remove(id);
      throw new Problem("not-your-turn", "the turn passed on");
    }
    this.#save({ ...this.#queue, turn: { ...current, upload: { id, length } } });
    await this.#dropUpload(current);
    return id;
  }

  /** Offset and length of the upload of the contributor whose turn it is. */
  async upload(token: string, id: string): Promise<{ offset: number; length: number }> {
    const { upload } = await this.#ownTurn(token, await this.ceremony());
    if (upload?.id !== id) throw new Problem("not-found", "no such upload");
    return { offset: await this.#uploads.offset(id), length: upload.length };
  }

  async append(token: string, id: string, offset: number, body: Readable): Promise<number> {
    const { length } = await this.upload(token, id);
    return await this.#uploads.append(id, offset, length, body);
  }

  /**
   * Checks the uploaded key and its attestation, and puts the contribution in its place.
   *
   * @throws Problem; `contribution-refused` keeps the contributor out.
   */
  async submit(token: string, attestation: string): Promise<Ceremony> {
    const ceremony = await this.ceremony();
    const done = ceremony.contributions.find((record) => recordText(record) === attestation);
    if (done !== undefined) return ceremony;
    this.#requireOpen(ceremony);
    const turn = await this.#ownTurn(token, ceremony);
    if (this.#checking) throw new Problem("upload-busy", "the contribution is being checked");
    const { upload } = turn;
    if (upload === null || (await this.#uploads.offset(upload.id)) !== upload.length) {
      throw new Problem("upload-conflict", "the upload is not complete");
    }
    if (turn.head !== ceremony.head) await this.#beginAgain(turn, ceremony);
    this.#checking = true;
    try {
      return await this.#accept(turn, attestation, this.#uploads.pathOf(upload.id));
    } finally {
      this.#checking = false;
      await this.#dropUpload(turn);
    }
  }

  async #accept(turn: Turn, attestation: string, zkey: string): Promise<Ceremony> {
    const { publicKey } = turn.contributor;
    try {
      const record = parseContribution("attestation", attestation);
      if (record.publicKey !== publicKey) throw new CheckError("attestation: it is another contributor's");
      const { ceremony: folder, ptau } = this.#settings;
      const accepted = await acceptContribution({
        folder,
        keys: this.#keys,
        ptau,
        attestation,
        zkey,
        now: this.#now,
      });
      this.#save(without(this.#queue, publicKey));
      this.#onEvent("accepted");
      await this.#advance(accepted);
      return accepted;
    } catch (error) {
      if (!(error instanceof CheckError || error instanceof InputError)) throw error;
      return await this.#refuse(publicKey, zkey, error);
    }
  }

  async #refuse(publicKey: string, zkey: string, error: Error): Promise<never> {
    const ceremony = await this.ceremony();
    this.#requireOpen(ceremony);
    // The uploader knows no path of this machine.
    const reason = error.message.replaceAll(zkey, "the uploaded key").replaceAll(this.#keys, "keys");
    this.#save(keepOut(this.#queue, publicKey, reason, this.#now()));
    this.#onEvent("refused");
    await this.#advance(ceremony);
    throw new Problem("contribution-refused", reason);
  }

  /** The operator accepted a file meanwhile: the turn goes on, with the new key. */
  async #beginAgain(turn: Turn, ceremony: Ceremony): Promise<never> {
    const deadline = this.#now().getTime() + this.#settings.turn_timeout * 1000;
    this.#save({ ...this.#queue, turn: { ...turn, deadline, head: ceremony.head, upload: null } });
    await this.#dropUpload(turn);
    throw new Problem("stale-key", "the ceremony moved on since the turn began");
  }

  async #dropUpload(turn: Turn): Promise<void> {
    const id = turn.upload?.id;
    if (id !== undefined && this.#queue.turn?.upload?.id !== id) await this.#uploads.remove(id);
  }

  async #advance(ceremony: Ceremony): Promise<void> {
    if (this.#checking) return;
    const before = this.#queue.turn;
    // A kill between the record and the queue leaves a contributor in the queue who is done.
    const cleared = ceremony.contributions.reduce(
      (queue, { publicKey }) => (isQueued(queue, publicKey) ? without(queue, publicKey) : queue),
      this.#queue,
    );
    const timeout = this.#settings.turn_timeout * 1000;
    const next = advance(cleared, this.#now().getTime(), timeout, ceremony.head);
    if (next === this.#queue) return;
    this.#save(next);
    if (before === null || next.turn?.contributor.publicKey === before.contributor.publicKey) return;
    if (cleared.turn !== null) this.#onEvent("passed-on");
    await this.#dropUpload(before);
  }

  async #ownTurn(token: string, ceremony: Ceremony): Promise<Turn> {
    await this.#advance(ceremony);
    const { publicKey } = this.#holder(token);
    const { turn } = this.#queue;
    if (turn?.contributor.publicKey !== publicKey) {
      throw new Problem("not-your-turn", `${aheadOf(this.#queue, publicKey) ?? 0} contributors are ahead`);
    }
    return turn;
  }

  #holder(token: string): Contributor {
    const hash = hashOf(token);
    const { turn, waiting } = this.#queue;
    const everybody = turn === null ? waiting : [turn.contributor, ...waiting];
    const found = everybody.find(({ tokenHash }) => tokenHash === hash);
    if (found === undefined) throw new Problem("not-authenticated", "nobody in the queue has this token");
    return found;
  }

  #requireOpen({ config, beacon }: Ceremony): void {
    const { notBefore } = config.beacon;
    if (beacon === undefined && this.#now().toISOString() < notBefore) return;
    throw new Problem("closed", `the beacon is due since ${notBefore}`);
  }

  get #keys(): string {
    return keysFolderOf(this.#settings.ceremony, this.#settings.keys);
  }

  #save(queue: QueueState): void {
    writeFileDurably(queueFile(this.#settings), `${JSON.stringify(queue, null, 2)}\n`);
    this.#queue = queue;
  }
}

function isQueued({ turn, waiting }: QueueState, publicKey: string): boolean {
  return turn?.contributor.publicKey === publicKey || waiting.some((each) => each.publicKey === publicKey);
}

function queueFile({ state }: CoordinatorSettings): string {
  return joinPath(state, "queue.json");
}

async function readQueue(file: string, ceremony: string): Promise<QueueState> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return emptyQueue(ceremony);
    throw new UnavailableError(`${file} cannot be read (${errorCode(cause)})`, { cause });
  }
  const queue = readQueueText(file, text);
  if (queue.ceremony === ceremony) return queue;
  throw InputError.expected(
    `${file}: ceremony`,
    ceremony,
    queue.ceremony,
    "give each ceremony a state folder",
  );
}

function readQueueText(file: string, text: string): QueueState {
  try {
    return readJson(queueSchema, JSON.parse(text), file);
  } catch (cause) {
    throw new CheckError(`${file}: it is no queue of a coordinator`, {
      cause,
      next: `move it away: contributors join again, and whom it kept out is no longer known`,
    });
  }
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
