import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { equalBytes, toHex } from "../../core/bytes.ts";
import { CheckError, errorCode, UnavailableError } from "../../core/errors.ts";
import { appendToLog, type LogFrontier, logRoot, streamId } from "../../core/log/index.ts";
import { Columns } from "../backup/columns.ts";
import { parseJson, readLines } from "../backup/read-file.ts";
import { checkedLeaf } from "../backup/streams.ts";
import { type ArchiveHeader, parseArchiveHeader, parseArchiveManifest, parseArchiveRow } from "./format.ts";

/** An archive that was read whole and holds. */
export interface VerifiedArchive {
  readonly tenantId: string;
  readonly storeId: string;
  readonly streamId: Uint8Array;
  readonly start: bigint;
  readonly end: bigint;
  /** Log roots before the range and at its end: whoever trusts one of them, trusts the range. */
  readonly rootBefore: Uint8Array;
  readonly rootAtEnd: Uint8Array;
  /** Payloads that are in it. */
  readonly payloads: number;
  /** SHA-256 of the file, 32 bytes. */
  readonly fileHash: Uint8Array;
}

/**
 * Reads an archive from its first byte to its last: every event's hashes and leaf recomputed, and the log's root at its end from
 * the one before it. Payloads stay sealed; they are bound by the manifest's checksum and by their own seal.
 *
 * @throws CheckError naming the first thing that is wrong; InputError for what is no archive.
 */
export async function verifyArchive(path: string): Promise<VerifiedArchive> {
  const hash = createHash("sha256");
  const lines = await readLines(path);
  const first = await lines.next();
  if (first.done === true) throw new CheckError(`${path} is empty`);
  hash.update(`${first.value}\n`);
  const header = parseArchiveHeader(parseJson(first.value, path, 1));
  const columns = new Columns("events", header.columns);
  let log = frontierBefore(header, path);
  const rootBefore = logRoot(log);
  let payloads = 0;
  let number = 1;
  for await (const text of lines) {
    number++;
    const json = parseJson(text, path, number);
    if (!Array.isArray(json)) {
      const manifest = parseArchiveManifest(json);
      const same =
        manifest.sha256 === hash.digest("hex") &&
        equalBytes(manifest.root_before, rootBefore) &&
        equalBytes(manifest.root_at_end, logRoot(log)) &&
        manifest.rows === Number(log.size - header.start_sequence + 1n);
      if (!same || log.size !== header.end_sequence || (await lines.next()).done !== true)
        throw new CheckError(`${path}: its content is not the one its manifest names`);
      return resultOf(header, rootBefore, logRoot(log), payloads, await fileHash(path));
    }
    hash.update(`${text}\n`);
    const row = parseArchiveRow(json);
    if (row.length !== header.columns.length)
      throw new CheckError(`${path}:${number}: a row that is not of its table`);
    const sequence = columns.int(row, "sequence");
    if (sequence !== log.size + 1n)
      throw new CheckError(`${path}: expected sequence ${log.size + 1n}, got ${sequence}`);
    if (
      columns.some(row, "tenant_id") !== header.tenant_id ||
      columns.some(row, "store_id") !== header.store_id
    )
      throw new CheckError(`${path}: sequence ${sequence} is of another stream`);
    log = appendToLog(log, [checkedLeaf(columns, row, sequence, `${path}: sequence ${sequence}`)]);
    if (columns.some(row, "payload") !== "\\x") payloads++;
  }
  throw new CheckError(`${path}: it ends before its manifest: it was cut short`);
}

function frontierBefore(header: ArchiveHeader, path: string): LogFrontier {
  if (!equalBytes(header.stream_id, streamId(header.tenant_id, header.store_id)))
    throw new CheckError(`${path}: its stream_id ${toHex(header.stream_id)} is another stream's`);
  return { size: header.start_sequence - 1n, peaks: header.before };
}

function resultOf(
  header: ArchiveHeader,
  rootBefore: Uint8Array,
  rootAtEnd: Uint8Array,
  payloads: number,
  fileHashed: Uint8Array,
): VerifiedArchive {
  return {
    tenantId: header.tenant_id,
    storeId: header.store_id,
    streamId: header.stream_id,
    start: header.start_sequence,
    end: header.end_sequence,
    rootBefore,
    rootAtEnd,
    payloads,
    fileHash: fileHashed,
  };
}

async function fileHash(path: string): Promise<Uint8Array> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  } catch (cause) {
    throw new UnavailableError(`${path} cannot be read (${errorCode(cause)})`, { cause });
  }
  return Uint8Array.from(hash.digest());
}
