import { InputError, UnavailableError } from "../../core/errors.ts";
import { readPrivateFile } from "../../keys/files.ts";

/** For one sign of life, ms. */
const TIMEOUT = 10_000;

/**
 * Signs of life for a service outside that calls somebody when they cease (a dead man's switch): what nothing of ours can say.
 *
 * @param path File with the URL to be asked (GET), mode 0600: who knows the URL can pretend that all is well.
 * @returns Gives one sign of life. @throws UnavailableError when it is not taken; never with the URL in it.
 * @throws InputError unless the file holds one http or https URL.
 */
export async function openHeartbeat(path: string): Promise<() => Promise<void>> {
  const text = (await readPrivateFile("watcher.heartbeat_url_file", path, "follow")).toString().trim();
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InputError(
      `watcher.heartbeat_url_file: expected one http or https URL in ${path}, got something else`,
    );
  return async () => {
    const signal = AbortSignal.timeout(TIMEOUT);
    // The error stays out: it may hold the URL.
    const status = await fetch(url, { redirect: "error", signal }).then(
      async ({ status: answered, body }) => {
        await body?.cancel();
        return answered;
      },
      () => "no answer",
    );
    if (typeof status === "string" || status >= 300)
      throw new UnavailableError(`the heartbeat was not taken (${status})`);
  };
}
