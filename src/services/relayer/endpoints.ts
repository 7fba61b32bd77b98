import { InputError } from "../../core/errors.ts";
import { readPrivateFile } from "../../keys/files.ts";
import type { RelayerSettings } from "./settings.ts";

const MOST = 8;

/**
 * The RPC URLs, from the settings or from the private file they name.
 *
 * @throws InputError naming the line that holds no URL, never its content.
 */
export async function readRpcUrls(settings: RelayerSettings): Promise<readonly string[]> {
  const { rpc_urls, rpc_urls_file } = settings;
  if (rpc_urls_file === undefined) return distinct(rpc_urls ?? []);
  const text = (await readPrivateFile("relayer.rpc_urls_file", rpc_urls_file, "follow")).toString();
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const urls = lines.flatMap((line, index) => {
    if (line === "" || line.startsWith("#")) return [];
    const url = URL.parse(line);
    // fetch refuses user and password in an URL; keys belong in the path or query, as providers hand them out.
    if (url !== null && /^https?:$/.test(url.protocol) && url.username === "") return [line];
    throw new InputError(
      `relayer.rpc_urls_file: line ${index + 1} of ${rpc_urls_file}: expected an http or https URL without a user, got something else`,
    );
  });
  if (urls.length === 0 || urls.length > MOST)
    throw InputError.expected("relayer.rpc_urls_file", `1 to ${MOST} URLs, one a line`, urls.length);
  return distinct(urls);
}

/** One node named twice would agree with itself. */
function distinct(urls: readonly string[]): readonly string[] {
  if (new Set(urls.map((url) => new URL(url).href)).size === urls.length) return urls;
  throw new InputError("relayer.rpc_urls: expected different nodes, got one twice");
}
