import { chownSync, readFileSync, realpathSync, statSync } from "node:fs";
import { z } from "zod";
import { writeFileDurably } from "../../chain/files.ts";
import { errorCode, InputError, UnavailableError } from "../../core/errors.ts";
import { parseToml } from "../../core/toml.ts";
import { Awaiting, type StepRecord } from "./step.ts";

/** The relayer whose signer changes. */
export interface RelayerPlace {
  /** Its configuration file. */
  readonly config: string;
  /** Where it listens; asked whether it has taken the new key. Undefined when it cannot be reached from here. */
  readonly url: string | undefined;
}

/**
 * Names the new key in the relayer's configuration, and sees whether the relayer has taken it.
 *
 * @throws {@link Awaiting} until the relayer was restarted; InputError when the file has no such setting.
 */
export async function switchRelayer(
  place: RelayerPlace,
  keyName: string,
  address: string,
): Promise<StepRecord> {
  const changed = nameSigner(place.config, keyName);
  const first = `${place.config}: signer = "${keyName}"${changed ? "" : ", as it was"}.`;
  if (place.url === undefined) {
    return {
      lines: [first, "Restart the relayer: it reads its configuration when it starts."],
      data: { changed },
    };
  }
  const seen = await signerOf(place.url);
  if (seen !== address) {
    throw new Awaiting(`the relayer at ${place.url} vouches as ${seen}`, [
      first,
      "restart the relayer, then run the same command again",
    ]);
  }
  return { lines: [first, `The relayer vouches as ${address}.`], data: { changed, url: place.url } };
}

const SIGNER = /^(signer\s*=\s*)("[^"]*"|'[^']*')/m;

/** Changes one line of the `[relayer]` section and nothing else; comments stay. Whether it had to. */
function nameSigner(path: string, keyName: string): boolean {
  const text = readConfig(path);
  const before = relayerOf(parseToml(text, path));
  if (before.signer === keyName) return false;
  const begin = text.search(/^\[relayer\]\s*$/m);
  const head = text.slice(0, begin);
  const changed = head + text.slice(begin).replace(SIGNER, `$1${JSON.stringify(keyName)}`);
  const after = relayerOf(parseToml(changed, path));
  // Read back, so that no line of another section was taken for it.
  if (begin === -1 || JSON.stringify(after) !== JSON.stringify({ ...before, signer: keyName })) {
    throw InputError.expected(
      `${path}: [relayer]`,
      'a line signer = "NAME" below the line [relayer]',
      before.signer,
      `write signer = "${keyName}" into it by hand, then run this again`,
    );
  }
  replaceFile(path, changed);
  return true;
}

/** Whoever may read the file may still, and nobody else: it can hold a node's URL with its key. A link stays one. */
function replaceFile(path: string, content: string): void {
  const target = realpathSync(path);
  const { mode, uid, gid } = statSync(target);
  writeFileDurably(target, content, mode & 0o777);
  // An operator who is root must not take the file from the relayer's account.
  if (process.getuid?.() === 0) chownSync(target, uid, gid);
}

function readConfig(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new UnavailableError(`${path} cannot be read (${errorCode(cause)})`, { cause });
  }
}

function relayerOf(content: Record<string, unknown>): Record<string, unknown> {
  const { relayer } = content;
  return typeof relayer === "object" && relayer !== null ? (relayer as Record<string, unknown>) : {};
}

const status = z.looseObject({ signer: z.string() });
const TIMEOUT_MS = 10_000;

/** The address a running relayer vouches with, by its `GET /v1/relayer`. */
async function signerOf(url: string): Promise<string> {
  try {
    const answer = await fetch(new URL("/v1/relayer", url), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return status.parse(await answer.json()).signer;
  } catch (cause) {
    throw new Awaiting(`the relayer at ${url} does not answer (${errorCode(cause)})`, [
      "start it, then run the same command again",
    ]);
  }
}
