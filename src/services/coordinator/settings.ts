import { z } from "zod";
import {
  bytesSetting,
  countSetting,
  httpSettings,
  pathSetting,
  secondsSetting,
} from "../support/settings.ts";

/** `[coordinator]`: the service that contributors of a phase-2 ceremony take turns at. */
export const coordinatorSection = z.strictObject({
  /** The ceremony's folder of records, as `ceremony new` made it. */
  ceremony: pathSetting,
  /** Folder of its proving keys; `keys` in the ceremony's folder without it. */
  keys: pathSetting.optional(),
  /** Powers of tau of the ceremony; the development ones without it. */
  ptau: pathSetting.optional(),
  /** Folder for the queue and for uploads that are under way. */
  state: pathSetting,
  /** How long one contributor may take before the turn passes on. */
  turn_timeout: secondsSetting(1, 604_800).default(3_600),
  queue_limit: countSetting(1, 10_000).default(100),
  /** How much longer than the key before it an uploaded key may be: a contribution adds a few hundred bytes. */
  key_growth_limit: bytesSetting(1_024, 1_048_576).default(4_096),
  http: httpSettings,
});

export type CoordinatorSettings = z.infer<typeof coordinatorSection>;
