import { z } from "zod";
import { uuidField } from "../../core/json.ts";
import { ONE_SOURCE_OF_URLS, rpcFields } from "../support/rpc.ts";
import { countSetting, httpSettings, pathSetting, secondsSetting, urlSetting } from "../support/settings.ts";

const MOST_BLOCKS = Number.MAX_SAFE_INTEGER;

const MOST_ALEO = 8;
const ALEO_URLS = `a list of at most ${MOST_ALEO} URLs`;

/** `[[watcher.logs]]`: a stream of the log that is followed. */
const logSettings = z.strictObject({
  /** Where the sequencer listens. */
  url: urlSetting,
  tenant: uuidField,
  store: uuidField,
  /** Holds the credential of a reader; mode 0600. */
  token_file: pathSetting,
  /** The first event that is told of; without it the next to come. */
  from_sequence: countSetting(1, MOST_BLOCKS).optional(),
});

/** `[watcher]` of the configuration file. */
export const watcherSection = z
  .strictObject({
    http: httpSettings,
    /** The deployment file of the network that is watched. */
    deployment: pathSetting,
    ...rpcFields,
    /** Checkpoints, on a local disk, for this process alone. */
    folder: pathSetting,
    /** Blocks on top of an event's own until it is final, where its rule does not say. */
    confirmations: countSetting(0, 1_000).default(12),
    /** Most blocks asked for at once while it catches up; one that a node refuses is halved. */
    range: countSetting(1, 100_000).default(2_000),
    /** Between two looks at the chain, and at a log that cannot be stayed with. */
    poll: secondsSetting(1, 600).default(4),
    /** The first block that is told of, when there is no checkpoint; without it those to come. */
    from_block: countSetting(0, MOST_BLOCKS).optional(),
    /** A source that was not followed for so long is an alert. */
    stall_after: secondsSetting(1, 86_400).default(120),
    /** So is a newest block that is older, where it is set. */
    block_age: secondsSetting(1, 86_400).optional(),
    /** Blocks that an endpoint may be behind the others. */
    rpc_lag: countSetting(0, 10_000).default(5),
    /** For how long an endpoint's lie counts. */
    lie_memory: secondsSetting(1, 86_400).default(600),
    /** Asked as long as every source is followed; whoever serves it calls somebody when that ceases. Mode 0600. */
    heartbeat_url_file: pathSetting.optional(),
    /** Between two signs of life. */
    heartbeat_every: secondsSetting(10, 3_600).default(60),
    /** REST interfaces of Aleo nodes of different operators, on one network; without them `[aleo] url` alone is asked. */
    aleo_urls: z
      .array(urlSetting, { error: ALEO_URLS })
      .max(MOST_ALEO, { error: ALEO_URLS })
      .refine((urls) => new Set(urls.map((url) => url.replace(/\/+$/, ""))).size === urls.length, {
        error: "each URL once",
      })
      .default([]),
    /** How many of them must say the same; more than half without it. */
    aleo_quorum: countSetting(1, MOST_ALEO).optional(),
    logs: z.array(logSettings, { error: "a list of logs" }).default([]),
  })
  .refine(ONE_SOURCE_OF_URLS.holds, { error: ONE_SOURCE_OF_URLS.error })
  .refine(({ aleo_urls, aleo_quorum = 1 }) => aleo_quorum <= Math.max(1, aleo_urls.length), {
    path: ["aleo_quorum"],
    error: "at most the number of aleo_urls",
  });

export type WatcherSettings = z.output<typeof watcherSection>;
export type WatchedLogSettings = z.output<typeof logSettings>;
