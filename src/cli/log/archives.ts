import { toHex } from "../../core/bytes.ts";
import { InputError } from "../../core/errors.ts";
import { isU64, U64_FORM } from "../../core/u64.ts";
import { isUuid, UUID_FORM } from "../../core/uuid.ts";
import { archivePayloads, lastBefore, requireKnown, verifyArchive } from "../../sequencer/archive/index.ts";
import { openStore, type Store } from "../../sequencer/store/index.ts";
import { configPath, readSection } from "../config-file.ts";
import { type CommandResult, note } from "../output.ts";

/** Where archives go unless something else is said. */
const ARCHIVE_FOLDER = ".proofx/archives";

export interface ArchiveOptions {
  readonly config?: string;
  readonly tenant?: string;
  readonly store?: string;
  readonly before?: string;
  readonly through?: string;
  readonly folder?: string;
}

/** `proofx log archive`. */
export async function archiveRange(options: ArchiveOptions): Promise<CommandResult> {
  const { before, through, folder = ARCHIVE_FOLDER } = options;
  const stream = { tenant: uuidOf("--tenant", options.tenant), store: uuidOf("--store", options.store) };
  if ((before === undefined) === (through === undefined))
    throw new InputError("expected either --before or --through");
  return await withStore(options.config, async (store) => {
    const last =
      through === undefined
        ? await lastBefore(store.as("app"), stream, timeOf(before ?? ""))
        : numberOf(through);
    let next = Date.now() + 2_000;
    const done = await archivePayloads(store, {
      stream,
      through: last,
      folder,
      onProgress: (at, end) => {
        if (Date.now() < next) return;
        next = Date.now() + 2_000;
        note(`sequence ${at} of ${end}`);
      },
    });
    const lines = done.map(({ file, start, end }) => `${file}  payloads of sequences ${start} to ${end}`);
    return {
      data: { archived: done },
      lines: lines.length > 0 ? lines : ["nothing to archive: all of it is already"],
    };
  });
}

/** `proofx log archive verify`: the file alone, or also as the log knows it. */
export async function verifyArchiveFile(
  file: string,
  { config, known }: { readonly config?: string | undefined; readonly known?: boolean },
): Promise<CommandResult> {
  const verified = await verifyArchive(file);
  if (known === true) await withStore(config, (store) => requireKnown(store, verified));
  const { streamId, start, end, rootBefore, rootAtEnd, payloads } = verified;
  const data = {
    file,
    stream_id: toHex(streamId),
    start_sequence: start,
    end_sequence: end,
    root_before: toHex(rootBefore),
    root_at_end: toHex(rootAtEnd),
    payloads,
    known: known === true,
  };
  return {
    data,
    lines: [
      `${file} holds: sequences ${start} to ${end} of stream ${data.stream_id}, ${payloads} sealed payloads`,
      `log root at ${start - 1n}  ${data.root_before}`,
      `log root at ${end}  ${data.root_at_end}`,
      known === true
        ? "the log knows it, and has the same root"
        : "not compared with a log (--known): compare a root",
    ],
  };
}

async function withStore<T>(config: string | undefined, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(readSection(configPath(config), "store"));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

function uuidOf(name: string, text: string | undefined): string {
  if (text === undefined || !isUuid(text)) throw InputError.expected(name, UUID_FORM, text);
  return text;
}

function numberOf(text: string): bigint {
  if (!isU64(text)) throw InputError.expected("--through", U64_FORM, text);
  return BigInt(text);
}

function timeOf(text: string): bigint {
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw InputError.expected("--before", "a date, e.g. 2026-01-31 or 2026-01-31T12:00:00Z", text);
  return BigInt(time);
}
