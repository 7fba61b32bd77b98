import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { toHex } from "../../core/bytes.ts";
import { CheckError, errorCode, InputError, RefusedError, UnavailableError } from "../../core/errors.ts";
import type { KeyProvider } from "../../core/ports.ts";
import { problemBody } from "../support/problem.ts";
import {
  challengeAnswer,
  joinAnswer,
  joinMessage,
  type RecordsAnswer,
  recordsAnswer,
  submitAnswer,
  TUS_BODY,
  TUS_VERSION,
  type TurnAnswer,
  turnAnswer,
} from "./protocol.ts";

const ATTEMPTS = 6;
const FIRST_WAIT_MS = 500;

/** Who contributes. */
export interface ContributorIdentity {
  readonly name: string;
  readonly keys: KeyProvider;
  /** Name of the Ed25519 key. */
  readonly key: string;
}

/** A coordinator's refusal, by its code. */
export class CoordinatorRefusal extends CheckError {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A contributor's side of the coordinator's HTTP interface; a connection that breaks is tried again. */
export class CoordinatorClient {
  readonly #url: string;
  #token = "";

  /** @throws InputError unless it is an http or https URL without a password. */
  constructor(url: string) {
    const parsed = URL.parse(url);
    if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.username !== "") {
      throw InputError.expected("--coordinator", "an http or https URL", url);
    }
    this.#url = url.replace(/\/+$/, "");
  }

  records(): Promise<RecordsAnswer> {
    return this.#json(recordsAnswer, "GET", "/v1/ceremony");
  }

  /** Takes a place in the queue, or the old place again. */
  async join(ceremonyId: string, { name, keys, key }: ContributorIdentity): Promise<void> {
    const { publicKey } = await keys.info(key);
    const { challenge } = await this.#json(challengeAnswer, "POST", "/v1/challenges");
    const message = joinMessage(ceremonyId, { publicKey, name, challenge });
    const signature = toHex(await keys.signMessage(key, message));
    const body = { publicKey, name, challenge, signature };
    this.#token = (await this.#json(joinAnswer, "POST", "/v1/contributors", body)).token;
  }

  turn(): Promise<TurnAnswer> {
    return this.#json(turnAnswer, "GET", "/v1/turn");
  }

  /**
   * Fetches a proving key into a file.
   *
   * @throws CheckError when the coordinator sends more than the records say.
   */
  async downloadKey(index: number, bytes: number, to: string): Promise<void> {
    const place = `/v1/keys/${index}`;
    const response = await this.#send("GET", place, {});
    const file = await open(to, "w");
    let got = 0;
    try {
      for await (const chunk of response.body ?? []) {
        got += chunk.length;
        if (got > bytes) throw new CheckError(`${this.#url}${place}: expected ${bytes} bytes, got more`);
        await file.write(chunk);
      }
    } catch (cause) {
      if (cause instanceof CheckError) throw cause;
      throw new UnavailableError(`${this.#url}${place}: the connection broke`, {
        cause,
        next: "run the same command again",
      });
    } finally {
      await file.close();
    }
  }

  /**
   * Uploads the new key, going on where an interrupted upload stopped.
   *
   * @param zkey The key's file.
   * @param begun Path of the upload that the turn knows of.
   * @param onProgress Bytes that the coordinator has, and bytes in all.
   */
  async upload(
    zkey: string,
    begun: string | null,
    chunkBytes: number,
    onProgress: (sent: number, all: number) => void,
  ): Promise<void> {
    const file = await open(zkey, "r");
    try {
      const { size } = await file.stat();
      const path = begun ?? (await this.#createUpload(size));
      let offset = await this.#offset(path, size);
      for (let failures = 0; offset < size; ) {
        onProgress(offset, size);
        const { buffer, bytesRead } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, offset);
        try {
          offset = await this.#append(path, offset, buffer.subarray(0, bytesRead));
          failures = 0;
        } catch (error) {
          failures += 1;
          if (!isResumable(error) || failures >= ATTEMPTS) throw error;
          await sleep(FIRST_WAIT_MS * 2 ** failures);
          // What arrived before the connection broke counts.
          offset = await this.#offset(path, size);
        }
      }
      onProgress(offset, size);
    } finally {
      await file.close();
    }
  }

  /** @returns the number of the contribution. @throws CheckError when the coordinator refuses it. */
  async submit(attestation: string): Promise<number> {
    const body = { attestation };
    return (await this.#json(submitAnswer, "POST", "/v1/contributions", body)).index;
  }

  async #createUpload(length: number): Promise<string> {
    const response = await this.#send("POST", "/v1/uploads", { "upload-length": String(length) });
    const location = response.headers.get("location") ?? "";
    if (/^\/v1\/uploads\/[0-9a-f-]{36}$/.test(location)) return location;
    throw new CheckError(`${this.#url}: expected the upload's location, got none`);
  }

  async #offset(path: string, length: number): Promise<number> {
    const { headers } = await this.#send("HEAD", path, {});
    if (headers.get("upload-length") !== String(length)) {
      throw new CheckError(`${this.#url}${path}: the upload that was begun is another file's`);
    }
    return Number(headers.get("upload-offset"));
  }

  async #append(path: string, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<number> {
    const headers = { "upload-offset": String(offset), "content-type": TUS_BODY };
    const response = await this.#once("PATCH", path, headers, bytes);
    return Number(response.headers.get("upload-offset"));
  }

  async #json<T extends z.ZodType>(
    schema: T,
    method: string,
    path: string,
    body?: object,
  ): Promise<z.output<T>> {
    const [headers, text]: [Record<string, string>, string?] =
      body === undefined ? [{}] : [{ "content-type": "application/json" }, JSON.stringify(body)];
    const response = await this.#send(method, path, headers, text);
    const parsed = schema.safeParse(await response.json().catch(() => undefined));
    if (parsed.success) return parsed.data;
    throw new CheckError(`${this.#url}${path}: expected a coordinator's answer, got something else`);
  }

  /** Sends until it is answered; what is sent again does no harm. */
  async #send(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(method, path, headers, body);
      } catch (error) {
        if (!(error instanceof UnavailableError) || attempt >= ATTEMPTS) throw error;
        await sleep(FIRST_WAIT_MS * 2 ** attempt);
      }
    }
  }

  async #once(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string | Uint8Array<ArrayBuffer>,
  ): Promise<Response> {
    const authorization: Record<string, string> =
      this.#token === "" ? {} : { authorization: `Bearer ${this.#token}` };
    const all = { ...headers, ...authorization, "tus-resumable": TUS_VERSION };
    const response = await fetch(this.#url + path, {
      method,
      headers: all,
      ...(body === undefined ? {} : { body }),
    }).catch((cause: unknown) => {
      throw new UnavailableError(`${this.#url} does not answer (${errorCode(cause)})`, { cause });
    });
    if (response.ok) return response;
    throw await refusalOf(response, `${this.#url}${path}`);
  }
}

async function refusalOf(response: Response, place: string): Promise<Error> {
  const problem = problemBody.safeParse(await response.json().catch(() => undefined));
  const { code, detail, title } = problem.data ?? {};
  const words = `${place}: ${title ?? `HTTP ${response.status}`}${detail === undefined ? "" : `: ${detail}`}`;
  if (response.status >= 500 || response.status === 429) return new UnavailableError(words);
  if (code === "kept-out") return new RefusedError(words);
  return new CoordinatorRefusal(code ?? "unknown", words);
}

function isResumable(error: unknown): boolean {
  if (error instanceof UnavailableError) return true;
  return error instanceof CoordinatorRefusal && ["upload-conflict", "upload-busy"].includes(error.code);
}
