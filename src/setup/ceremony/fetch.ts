import { readFile } from "node:fs/promises";
import { errorCode, InputError, UnavailableError } from "../../core/errors.ts";
import { parseDrandRound } from "./drand.ts";
import type { Announcement } from "./record.ts";

const TIMEOUT_MS = 20_000;
const MAX_BYTES = 65_536;

/**
 * The signature of the announced drand round, from a file or from a drand node. Nobody has to trust where it is from: it
 * proves itself.
 *
 * @param source A file with drand's answer, or the base URL of a node, e.g. `https://api.drand.sh`.
 * @throws InputError for anything but drand's answer for that round; UnavailableError when it cannot be had.
 */
export async function fetchDrandRound(announced: Announcement, source: string): Promise<string> {
  if (announced.kind !== "drand") {
    throw InputError.expected("beacon", "a value, as the announced source is not drand", "a drand round");
  }
  const { chainHash, round } = announced;
  const isUrl = /^https?:\/\//.test(source);
  const place = isUrl ? `${source.replace(/\/+$/, "")}/${chainHash.slice(2)}/public/${round}` : source;
  const text = isUrl ? await download(place) : await readText(place);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw InputError.expected(place, "drand's answer in JSON", "something else");
  }
  return parseDrandRound(place, json, round);
}

async function download(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new UnavailableError(`${url}: HTTP ${response.status}`);
    const text = await response.text();
    if (text.length > MAX_BYTES) throw InputError.expected(url, `at most ${MAX_BYTES} bytes`, text.length);
    return text;
  } catch (cause) {
    if (cause instanceof UnavailableError || cause instanceof InputError) throw cause;
    throw new UnavailableError(`${url} does not answer`, {
      cause,
      next: "fetch it elsewhere and name the file: --round FILE",
    });
  }
}

async function readText(path: string): Promise<string> {
  return await readFile(path, "utf8").catch((cause: unknown) => {
    throw new UnavailableError(`${path} cannot be read (${errorCode(cause)})`, { cause });
  });
}
