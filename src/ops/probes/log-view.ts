import { z } from "zod";
import { hexTextField } from "../../chain/fields.ts";
import { toHex } from "../../core/bytes.ts";
import { InputError, UnavailableError } from "../../core/errors.ts";
import { readJson, u64Field, uuidField } from "../../core/json.ts";
import { streamId } from "../../core/log/index.ts";
import { readPrivateFile } from "../../keys/files.ts";
import { ask, askJson } from "./http.ts";

/** A stream that is watched, and the credential that may read it (`events:read`, `commitments:read`). */
export interface WatchedLog {
  /** Of the sequencer. */
  readonly url: string;
  readonly tenant: string;
  readonly store: string;
  /** Its one line is an API key or a token; mode 0600, read anew each time, so that it may be replaced. */
  readonly token_file: string;
}

const bytes32 = hexTextField(32);
const batchBody = z.looseObject({
  batch_index: u64Field,
  end_sequence: u64Field,
  state_root: bytes32,
  closed_at: z.string(),
});
const headBody = z.looseObject({
  sequence_number: u64Field,
  checkpoint_size: u64Field,
  batch: z.looseObject({ batch_index: u64Field, end_sequence: u64Field, state_root: bytes32 }).nullable(),
});
const batchesBody = z.looseObject({ batches: z.array(batchBody) });
const eventsBody = z.looseObject({
  events: z.array(
    z.looseObject({ receipt: z.looseObject({ sequence_number: u64Field, sequenced_at: z.string() }) }),
  ),
});

const serviceKeysBody = z.looseObject({
  log_name: z.string(),
  keys: z.array(
    z.looseObject({
      purpose: z.string(),
      key_id: z.int(),
      active_from: z.string(),
      retired_at: z.string().nullable(),
    }),
  ),
});
const agentsBody = z.looseObject({
  agents: z.array(z.looseObject({ agent_id: uuidField, keys_in_use: z.int() })),
});
const agentKeysBody = z.looseObject({
  keys: z.array(
    z.looseObject({
      key_id: z.int(),
      registered_at: u64Field,
      revoked_at: u64Field.nullable(),
      replaced_by: z.int().nullable(),
    }),
  ),
});
/** Agents of one answer. */
const PAGE = 1_000;

export type LoggedBatch = z.output<typeof batchBody>;
export type LogHead = z.output<typeof headBody>;

/** A stream as its readers see it over HTTP. Every method throws UnavailableError when the sequencer does not answer. */
export class LogView {
  readonly #log: WatchedLog;
  /** 32 bytes, 0x hex: its name on chain. */
  readonly streamId: string;

  readonly store: string;
  readonly url: string;

  constructor(log: WatchedLog) {
    this.#log = log;
    this.store = log.store;
    this.url = log.url;
    this.streamId = toHex(streamId(log.tenant, log.store));
  }

  async head(): Promise<LogHead> {
    return this.#read(headBody, "head");
  }

  /** When an event was taken in, milliseconds since 1970; undefined when the log has no such event. */
  async timeOf(sequence: bigint): Promise<number | undefined> {
    const { events } = await this.#read(eventsBody, `events?from=${sequence}&limit=1`);
    const [first] = events;
    return first?.receipt.sequence_number === sequence ? Date.parse(first.receipt.sequenced_at) : undefined;
  }

  /** Closed batches from an index on. */
  async batches(from: bigint, limit: number): Promise<readonly LoggedBatch[]> {
    return (await this.#read(batchesBody, `batches?from=${from}&limit=${limit}`)).batches;
  }

  /** The newest checkpoint, a signed note; undefined before the first. */
  async checkpoint(): Promise<string | undefined> {
    const { url, store } = this.#log;
    const path = `${url}/v1/stores/${store}/checkpoint`;
    const { status, text } = await ask("the log", path, { headers: await this.#headers() });
    if (status === 404) return undefined;
    if (status !== 200) throw new UnavailableError(`the log answers ${status} to a reader`);
    return text;
  }

  /** The log's name and its own keys, past and present; it asks for no credential. */
  async serviceKeys(): Promise<z.output<typeof serviceKeysBody>> {
    return readAnswer(serviceKeysBody, await askJson("the log", `${this.url}/v1/keys`));
  }

  /** Agents that have keys in use in the stream. */
  async agents(): Promise<readonly string[]> {
    const found: string[] = [];
    for (let after = ""; ; ) {
      const { agents } = await this.#read(agentsBody, `agents?limit=${PAGE}${after}`);
      found.push(...agents.filter((agent) => agent.keys_in_use > 0).map((agent) => agent.agent_id));
      const last = agents.at(-1);
      if (last === undefined || agents.length < PAGE) return found;
      after = `&after=${last.agent_id}`;
    }
  }

  /** An agent's keys, also those that were revoked. */
  async agentKeys(agent: string): Promise<z.output<typeof agentKeysBody>["keys"]> {
    return (await this.#read(agentKeysBody, `agents/${agent}/keys`)).keys;
  }

  async #read<T extends z.ZodType>(schema: T, path: string): Promise<z.output<T>> {
    const { url, store } = this.#log;
    const headers = await this.#headers();
    return readAnswer(schema, await askJson("the log", `${url}/v1/stores/${store}/${path}`, { headers }));
  }

  async #headers(): Promise<Record<string, string>> {
    const path = this.#log.token_file;
    const token = (await readPrivateFile("the log's credential", path, "follow")).toString().trim();
    if (/^[\x21-\x7e]+$/.test(token)) return { authorization: `Bearer ${token}` };
    throw new InputError(`the log's credential: expected one line in ${path}, got something else`);
  }
}

function readAnswer<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  try {
    return readJson(schema, value);
  } catch (cause) {
    throw new UnavailableError("the log answers something else than its interface says", { cause });
  }
}
