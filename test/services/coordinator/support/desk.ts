import { join } from "node:path";
import { toHex } from "../../../../src/core/bytes.ts";
import { type JoinRequest, joinMessage, TUS_BODY } from "../../../../src/services/coordinator/protocol.ts";
import { startCoordinator } from "../../../../src/services/coordinator/service.ts";
import { coordinatorSection } from "../../../../src/services/coordinator/settings.ts";
import { createLog } from "../../../../src/services/support/log.ts";
import type { RunningService } from "../../../../src/services/support/run.ts";
import {
  type Contribution,
  makeContribution,
  readCeremony,
  recordText,
} from "../../../../src/setup/ceremony/index.ts";
import { CONTRIBUTE, keyOf, PEOPLE, type Workshop } from "../../../setup/support/ceremony.ts";

/** A coordinator in this process, over the workshop's ceremony, with a clock that tests turn. */
export interface Desk {
  readonly url: string;
  readonly state: string;
  /** The coordinator's clock. */
  time: Date;
  close(): Promise<void>;
}

export async function openDesk(
  shop: Workshop,
  folder: string,
  settings: Record<string, unknown> = {},
): Promise<Desk> {
  const state = join(folder, "../state");
  const desk = { time: CONTRIBUTE, state };
  const running: RunningService = await startCoordinator(
    coordinatorSection.parse({
      ceremony: folder,
      ptau: shop.given.ptau,
      state,
      turn_timeout: 60,
      http: { port: 0, stop_timeout: 1 },
      ...settings,
    }),
    createLog("coordinator", "silent"),
    () => desk.time,
  );
  return Object.assign(desk, { url: running.url ?? "", close: () => running.close() });
}

/** Answer of the coordinator to one request, made by hand. */
export interface Answer {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly headers: Headers;
  readonly body: Record<string, string>;
}

/** A contributor who speaks HTTP by hand, for what the client would not do. */
export class Visitor {
  readonly #url: string;
  readonly #shop: Workshop;
  readonly #person: number;
  token = "";

  constructor(url: string, shop: Workshop, person: number) {
    this.#url = url;
    this.#shop = shop;
    this.#person = person;
  }

  get who() {
    return { name: PEOPLE[this.#person] ?? "", keys: this.#shop.keys, key: keyOf(this.#person) };
  }

  /** Asks for a challenge and signs it; what is changed afterwards is not signed. */
  async joinRequest(ceremonyId: string, changes: Partial<JoinRequest> = {}): Promise<JoinRequest> {
    const { challenge = "" } = (await this.ask("POST", "/v1/challenges")).body;
    const { name, keys, key } = this.who;
    const fields = { publicKey: (await keys.info(key)).publicKey, name, challenge };
    const signature = toHex(await keys.signMessage(key, joinMessage(ceremonyId, fields)));
    return { ...fields, signature, ...changes };
  }

  /** Takes a place in the queue, and keeps the token. */
  async join(ceremonyId: string): Promise<Answer> {
    return await this.postJoin(await this.joinRequest(ceremonyId));
  }

  async postJoin(request: JoinRequest): Promise<Answer> {
    const json = { "content-type": "application/json" };
    const answer = await this.ask("POST", "/v1/contributors", json, JSON.stringify(request));
    this.token = answer.body.token ?? this.token;
    return answer;
  }

  async ask(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string | Uint8Array<ArrayBuffer>,
  ): Promise<Answer> {
    const response = await fetch(this.#url + path, {
      method,
      headers: { authorization: `Bearer ${this.token}`, "tus-resumable": "1.0.0", ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const json = (text === "" ? {} : JSON.parse(text)) as Record<string, string>;
    const { code = "", detail = "" } = json;
    return { status: response.status, code, detail, headers: response.headers, body: json };
  }

  /** Begins an upload. @returns its path. */
  async begin(length: number): Promise<string> {
    const answer = await this.ask("POST", "/v1/uploads", { "upload-length": String(length) });
    return answer.headers.get("location") ?? `refused: ${answer.code}`;
  }

  patch(path: string, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<Answer> {
    return this.ask("PATCH", path, { "upload-offset": String(offset), "content-type": TUS_BODY }, bytes);
  }

  async offset(path: string): Promise<number> {
    return Number((await this.ask("HEAD", path)).headers.get("upload-offset"));
  }

  submit(record: Contribution): Promise<Answer> {
    const body = JSON.stringify({ attestation: recordText(record) });
    return this.ask("POST", "/v1/contributions", { "content-type": "application/json" }, body);
  }

  /** A sound contribution to a ceremony's latest key. */
  async make(folder: string, to: string, now = CONTRIBUTE): Promise<Contribution> {
    const ceremony = await readCeremony(folder);
    const from = join(folder, "keys", `000${ceremony.contributions.length}.zkey`);
    const { name: contributor, keys, key } = this.who;
    return await makeContribution({ ceremony, from, to, contributor, keys, key, now: () => now });
  }
}
