import { isHexString } from "ethers";
import { toHex } from "../../src/core/bytes.ts";
import { InputError } from "../../src/core/errors.ts";
import { streamId } from "../../src/core/log/index.ts";
import { required } from "../support/task.ts";

/** How a task names a stream. */
export interface StreamArguments {
  readonly stream: string | undefined;
  readonly tenant: string | undefined;
  readonly store: string | undefined;
}

/** The stream's id, 32 bytes of 0x hex: as given, or of its tenant and store. */
export function streamOf({ stream, tenant, store }: StreamArguments): string {
  if (stream === undefined) {
    const words = "a UUID (or the stream's id with --stream)";
    return toHex(streamId(required("tenant", tenant, words), required("store", store, words)));
  }
  if (!isHexString(stream, 32)) throw InputError.expected("--stream", "0x and 64 hex digits", stream);
  return stream.toLowerCase();
}
