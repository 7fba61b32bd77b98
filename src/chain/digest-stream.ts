import { createHash } from "node:crypto";
import { Transform } from "node:stream";

/** A stream that hands on what it gets and counts it on the way. */
export interface DigestStream {
  readonly stream: Transform;
  /** Of all that came through, once the stream has ended; SHA-256 as hex. */
  digest(): { readonly bytes: number; readonly sha256: string };
}

export function digestStream(): DigestStream {
  const hash = createHash("sha256");
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, digest: () => ({ bytes, sha256: hash.digest("hex") }) };
}
