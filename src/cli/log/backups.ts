import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Provider } from "ethers";
import { connect } from "../../chain/contracts.ts";
import { contractOf, type Deployment, readDeploymentFile } from "../../chain/deployment.ts";
import { writeFileDurably } from "../../chain/files.ts";
import { streamBatches } from "../../chain/stream-history.ts";
import { fromHex, toHex } from "../../core/bytes.ts";
import { CheckError, InputError, UnavailableError } from "../../core/errors.ts";
import { readPrivateFile } from "../../keys/files.ts";
import {
  type AnchoredHead,
  BACKUP_FOLDER,
  backupName,
  type ComparedStream,
  closeAsAnchored,
  compareWithChain,
  keysFileOf,
  promoteFolder,
  requireWhole,
  restoreBackup,
  streamsOf,
  takeBackup,
  verifyBackup,
} from "../../sequencer/backup/index.ts";
import {
  holdsDatabase,
  openPglite,
  openPostgres,
  openStore,
  type Store,
  type StoreSettings,
} from "../../sequencer/store/index.ts";
import { withNode } from "../audit/chain.ts";
import { configPath, readSection } from "../config-file.ts";
import { type CommandResult, note } from "../output.ts";

/** Which chain a restored log is compared with. */
export interface ChainOptions {
  readonly deployment?: string;
  readonly rpc?: string;
}

/** `proofx log backup`: takes one of the configured log and reads it back. */
export async function backUp(options: {
  readonly config?: string;
  readonly out?: string;
  readonly recipient?: string;
}): Promise<CommandResult> {
  const store = await openStore(readSection(configPath(options.config), "store"));
  const out = options.out ?? join(BACKUP_FOLDER, backupName(Date.now(), "log"));
  if (existsSync(out)) throw InputError.expected("--out", "a file that is not there yet", out);
  try {
    const { recipient } = options;
    const { log, keys } = await takeBackup(store, out, {
      ...(recipient === undefined ? {} : { recipient }),
      onProgress: progress(),
    });
    // What is encrypted to somebody else is read back by them: `log backup verify --identity`.
    const verified = recipient === undefined ? await verifyBackup(log.path) : undefined;
    return {
      data: {
        file: log.path,
        sha256: log.sha256,
        bytes: log.bytes,
        keys: keys.path,
        verified: verified !== undefined,
      },
      lines: [
        `${log.path}  ${log.bytes} bytes, SHA-256 ${log.sha256}`,
        `${keys.path}  the keys to payloads: keep its newest version only, apart from the backups`,
        verified === undefined
          ? "not read back: only the recipient can (log backup verify --identity FILE)"
          : `read back: ${verified.streams.length} streams whole, ${verified.rows.events ?? 0} events`,
      ],
    };
  } finally {
    await store.close();
  }
}

/** `proofx log backup verify`. */
export async function verifyBackupFile(
  file: string,
  { identity }: { readonly identity?: string },
): Promise<CommandResult> {
  const { streams, takenAt, rows, content } = await verifyBackup(file, await readIdentity(identity));
  const described = streams.map(({ streamId, head, logRoot, checkpoint }) => ({
    stream_id: toHex(streamId),
    head,
    log_root: toHex(logRoot),
    checkpoint,
  }));
  return {
    data: { file, content, taken_at: takenAt, rows, streams: described },
    lines: [
      `${file} holds: ${content}, taken at ${takenAt}`,
      ...described.map(
        ({ stream_id, head, log_root, checkpoint }) =>
          `stream ${stream_id}  events 1 to ${head}, log root ${log_root}, newest checkpoint ${checkpoint}`,
      ),
    ],
  };
}

export interface RestoreCommandOptions extends ChainOptions {
  readonly into: string;
  readonly keys?: string;
  readonly identity?: string;
}

/** `proofx log restore`: fills an empty database beside the current one, and compares it with the chain when one is named. */
export async function restore(file: string, options: RestoreCommandOptions): Promise<CommandResult> {
  const keys = options.keys ?? (existsSync(keysFileOf(file)) ? keysFileOf(file) : undefined);
  const store = await openTarget(options.into);
  try {
    const identity = await readIdentity(options.identity);
    const { streams, skippedKeys } = await restoreBackup(store, file, {
      keys,
      identity,
      onProgress: progress(),
    });
    const compared = await compare(store, options);
    const events = streams.reduce((sum, { head }) => sum + head, 0n);
    return {
      data: {
        into: options.into,
        streams: streams.length,
        events,
        keys: keys ?? null,
        skipped_keys: skippedKeys,
        compared: shown(compared),
      },
      lines: [
        `restored ${streams.length} streams, ${events} events into ${options.into}`,
        keys === undefined ? "without keys: no payload can be read (--keys)" : `with the keys of ${keys}`,
        ...Object.entries(skippedKeys).map(
          ([table, rows]) => `skipped ${rows} rows of ${table}: their tenants came after this backup`,
        ),
        ...describeCompared(compared),
      ],
    };
  } finally {
    await store.close();
  }
}

export interface PromoteOptions extends ChainOptions {
  readonly config?: string;
  readonly withoutChain?: boolean;
}

/** `proofx log promote`: puts what was restored in the current log's place, when it lacks nothing that is anchored. */
export async function promote(restored: string, options: PromoteOptions): Promise<CommandResult> {
  if (options.withoutChain !== true && (options.rpc === undefined || options.deployment === undefined))
    throw new InputError("expected --rpc and --deployment, to see that nothing anchored is missing", {
      next: "name them; --without-chain promotes a log that is anchored nowhere",
    });
  const settings = readSection(configPath(options.config), "store");
  if (isFolder(restored) && !holdsDatabase(restored))
    throw InputError.expected("restored", "what `log restore --into` filled", restored);
  const target = await openTarget(restored);
  const kind = target.kind;
  let compared: ComparedStream[] | undefined;
  try {
    compared = await compare(target, options, closeTails);
  } finally {
    await target.close();
  }
  const done =
    kind === "pglite" ? await promoteEmbedded(settings, restored) : promotePostgres(settings, restored);
  return {
    data: { ...done.data, compared: shown(compared) },
    lines: [...describeCompared(compared), ...done.lines],
  };
}

async function promoteEmbedded({ folder }: StoreSettings, restored: string): Promise<CommandResult> {
  const { old } = await promoteFolder(resolve(folder), resolve(restored), Date.now());
  const kept = old === undefined ? [] : [`the old log is kept in ${old}`];
  return { data: { folder, old: old ?? null }, lines: [`${folder} is now what was restored`, ...kept] };
}

/** The settings name a file with the URL: that file changes, and the old one is kept beside it. */
function promotePostgres({ database_url_file: file }: StoreSettings, restored: string): CommandResult {
  if (file === undefined || process.env.DATABASE_URL !== undefined)
    return {
      data: { changed: null },
      lines: [`now let DATABASE_URL name the database of ${restored}, and start the sequencer again`],
    };
  const old = `${file}.before-${new Date().toISOString().replace(/[:.]/g, "-")}`;
  writeFileDurably(old, readFileSync(file, "utf8"), 0o600);
  writeFileDurably(file, readFileSync(restored, "utf8"), 0o600);
  return {
    data: { changed: file, old },
    lines: [
      `${file} names the restored database; the old URL is kept in ${old}`,
      "now start the sequencer again",
    ],
  };
}

/** A file that is there holds a PostgreSQL's URL; anything else is a folder for an embedded database. */
async function openTarget(into: string): Promise<Store> {
  if (isFolder(into)) return await openPglite(into);
  const url = (await readPrivateFile("--into", into, "follow")).toString().trim();
  if (!/^postgres(ql)?:\/\//.test(url))
    throw new InputError(
      `--into: expected a folder, or a file that holds a postgres:// URL, got another file`,
    );
  return await openPostgres(url);
}

const isFolder = (place: string): boolean => !existsSync(place) || statSync(place).isDirectory();

async function compare(
  store: Store,
  { rpc, deployment }: ChainOptions,
  then: (compared: ComparedStream[], log: ComparedLog) => Promise<void> = async () => {},
): Promise<ComparedStream[] | undefined> {
  if (rpc === undefined && deployment === undefined) return undefined;
  if (rpc === undefined || deployment === undefined)
    throw new InputError("expected --rpc and --deployment together, or neither");
  const file = readDeploymentFile(deployment);
  return await withNode(rpc, async (provider) => {
    const { registry } = connect(file, provider);
    const { chainId } = await provider.getNetwork().catch((cause: unknown) => {
      throw new UnavailableError("the node does not answer", { cause });
    });
    if (String(chainId) !== file.chainId)
      throw new CheckError(
        `expected a node of chain ${file.chainId}, the deployment's, got one of chain ${chainId}`,
      );
    const headOf: AnchoredHead = async (streamId) => {
      const unknown = registry.interface.getError("StreamUnknown")?.selector;
      try {
        const { end, stateRoot } = await registry.head(streamId);
        return { end, stateRoot: fromHex("state root", stateRoot, 32) };
      } catch (cause) {
        const data = (cause as { data?: unknown }).data;
        if (typeof data === "string" && unknown !== undefined && data.startsWith(unknown)) return undefined;
        throw new UnavailableError(
          `the node does not answer for the registry ${contractOf(file, "registry").address}`,
          { cause },
        );
      }
    };
    const streams = await streamsOf(store);
    const compared = await compareWithChain(streams, headOf);
    await then(compared, { store, streams, provider, deployment: file });
    return compared;
  });
}

/** A log beside the chain that it was compared with. */
interface ComparedLog {
  readonly store: Store;
  readonly streams: Awaited<ReturnType<typeof streamsOf>>;
  readonly provider: Provider;
  readonly deployment: Deployment;
}

/** Closes what is anchored and in no batch here, as the chain has it. @throws CheckError when anything anchored is missing. */
async function closeTails(
  compared: readonly ComparedStream[],
  { store, streams, provider, deployment }: ComparedLog,
): Promise<void> {
  requireWhole(compared);
  for (const [i, { streamId, unbatched }] of compared.entries()) {
    const stream = streams[i];
    if (unbatched === undefined || stream === undefined) continue;
    const { tenantId: tenant, storeId } = stream;
    const onChain = (await streamBatches(provider, deployment, toHex(streamId))).map((batch) => ({
      end: batch.end,
      stateRoot: fromHex("state root", batch.stateRoot, 32),
    }));
    await closeAsAnchored(store, { tenant, store: storeId }, onChain, Date.now());
  }
}

function describeCompared(compared: readonly ComparedStream[] | undefined): string[] {
  if (compared === undefined) return ["not compared with a chain (--rpc, --deployment)"];
  return compared.map(({ streamId, head, anchored, missing, unbatched }) => {
    const here = `stream ${toHex(streamId)}: here up to ${head}`;
    if (anchored === undefined) return `${here}, not on chain`;
    const lacks = missing === undefined ? "" : `: LACKS ${missing.from} to ${missing.to}`;
    const open = unbatched === undefined ? "" : `; ${unbatched.from} to ${unbatched.to} in no batch here`;
    return `${here}, anchored up to ${anchored}${open}${lacks}`;
  });
}

const shown = (compared: readonly ComparedStream[] | undefined) =>
  compared?.map(({ streamId, ...rest }) => ({ stream_id: toHex(streamId), ...rest })) ?? null;

async function readIdentity(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const lines = (await readPrivateFile("--identity", file, "follow")).toString().split(/\r?\n/);
  const key = lines.find((line) => line.startsWith("AGE-SECRET-KEY-"));
  if (key === undefined)
    throw new InputError(`--identity: expected an age identity in ${file}, got another file`);
  return key.trim();
}

/** A line now and then, so that a person sees that it goes on. */
function progress(): (table: string, rows: number) => void {
  let next = Date.now() + 2_000;
  return (table, rows) => {
    if (Date.now() < next) return;
    next = Date.now() + 2_000;
    note(`${table}: ${rows} rows`);
  };
}
