import { z } from "zod";
import type { Deployment } from "../../chain/deployment.ts";
import { type PoolEvents, RpcPool } from "../../chain/relay/pool.ts";
import { Endpoint } from "../../chain/relay/rpc.ts";
import { InputError } from "../../core/errors.ts";
import { readPrivateFile } from "../../keys/files.ts";
import { countSetting, pathSetting, secondsSetting, urlSetting } from "./settings.ts";

const MOST = 8;
const URLS = `a list of 1 to ${MOST} URLs`;

/** How a service that works on a chain reaches it: several nodes, so that one that lies or stalls decides nothing. */
export const rpcFields = {
  rpc_urls: z
    .array(urlSetting, { error: URLS })
    .min(1, { error: URLS })
    .max(MOST, { error: URLS })
    .optional(),
  /** One URL a line, for those that carry a key; mode 0600. */
  rpc_urls_file: pathSetting.optional(),
  /** How many endpoints must say the same; more than half of them without it. */
  rpc_quorum: countSetting(1, MOST).optional(),
  /** For one call. */
  rpc_timeout: secondsSetting(1, 120).default(10),
} as const;

export type RpcSettings = z.output<z.ZodObject<typeof rpcFields>>;

/** A refinement of a section with `rpcFields`. */
export const ONE_SOURCE_OF_URLS = {
  holds: ({ rpc_urls, rpc_urls_file }: Pick<RpcSettings, "rpc_urls" | "rpc_urls_file">): boolean =>
    (rpc_urls === undefined) !== (rpc_urls_file === undefined),
  error: "either rpc_urls or rpc_urls_file",
};

/** More than half: two such groups of nodes have one in common, so they cannot agree on different things. */
export const majorityOf = (nodes: number): number => Math.floor(nodes / 2) + 1;

/**
 * The nodes of a deployment's chain, as a section of the configuration names them. None is asked yet.
 *
 * @param section Name of the section, for error texts.
 * @throws InputError for a quorum above the number of URLs.
 */
export async function openPool(
  section: string,
  settings: RpcSettings,
  { chainId, genesisHash }: Deployment,
  events: PoolEvents,
): Promise<RpcPool> {
  const urls = await readRpcUrls(settings, section);
  const quorum = settings.rpc_quorum ?? majorityOf(urls.length);
  if (quorum > urls.length)
    throw InputError.expected(
      `${section}.rpc_quorum`,
      `at most ${urls.length}, the number of RPC URLs`,
      quorum,
    );
  const endpoints = urls.map((url, index) => new Endpoint(index, url, settings.rpc_timeout * 1000));
  return new RpcPool(endpoints, quorum, { chainId: BigInt(chainId), genesisHash }, events);
}

/**
 * The RPC URLs, from the settings or from the private file they name.
 *
 * @throws InputError naming the line that holds no URL, never its content.
 */
export async function readRpcUrls(
  { rpc_urls, rpc_urls_file }: Pick<RpcSettings, "rpc_urls" | "rpc_urls_file">,
  section = "relayer",
): Promise<readonly string[]> {
  if (rpc_urls_file === undefined) return distinct(rpc_urls ?? [], section);
  const what = `${section}.rpc_urls_file`;
  const text = (await readPrivateFile(what, rpc_urls_file, "follow")).toString();
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const urls = lines.flatMap((line, index) => {
    if (line === "" || line.startsWith("#")) return [];
    const url = URL.parse(line);
    // fetch refuses user and password in an URL; keys belong in the path or query, as providers hand them out.
    if (url !== null && /^https?:$/.test(url.protocol) && url.username === "") return [line];
    throw new InputError(
      `${what}: line ${index + 1} of ${rpc_urls_file}: expected an http or https URL without a user, got something else`,
    );
  });
  if (urls.length === 0 || urls.length > MOST)
    throw InputError.expected(what, `1 to ${MOST} URLs, one a line`, urls.length);
  return distinct(urls, section);
}

/** One node named twice would agree with itself. */
function distinct(urls: readonly string[], section: string): readonly string[] {
  if (new Set(urls.map((url) => new URL(url).href)).size === urls.length) return urls;
  throw new InputError(`${section}.rpc_urls: expected different nodes, got one twice`);
}
