import { toHex } from "../../core/bytes.ts";
import { streamId } from "../../core/log/index.ts";
import type { StreamKey } from "./tile-rows.ts";

/** The origin line of a stream's checkpoints, which is also its note key's name: `<log name>/<stream id in hex>`. */
export function checkpointOrigin(logName: string, { tenant, store }: StreamKey): string {
  return `${logName}/${toHex(streamId(tenant, store)).slice(2)}`;
}
