import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { UnavailableError } from "../../../src/core/errors.ts";
import { ROOT, run } from "../support/process.ts";

/** Every version the README promises, each the newest of its line when this was written. */
export const NODE_VERSIONS: Readonly<Record<string, string>> = {
  20: "20.20.2",
  22: "22.23.3",
  24: "24.21.0",
};

/** In the environment of all that a newcomer starts, so that what is left of it can be found. */
export const MARKER = "PROOFX_NEWCOMER";

export interface User {
  readonly name: "root" | "user";
  readonly uid: number;
  readonly gid: number;
}

/** The users this process can act as: root can be both, anybody else only himself. */
export function users(): User[] {
  const uid = process.getuid?.() ?? 0;
  if (uid !== 0) return [{ name: "user", uid, gid: process.getgid?.() ?? uid }];
  return [{ name: "root", uid: 0, gid: 0 }, ordinaryUser()];
}

/** An ordinary account of this machine, or a uid without one, as containers have it. */
function ordinaryUser(): User {
  const accounts = readFileSync("/etc/passwd", "utf8").split("\n");
  const ids = accounts.map((line) => line.split(":").slice(2, 4).map(Number));
  const [uid = 1000, gid = 1000] = ids.find(([id = 0]) => id >= 1000 && id < 60000) ?? [];
  return { name: "user", uid, gid };
}

/** A folder for everything of one run, which an ordinary user can reach even when the repository is root's. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "proofx-newcomer-"));
  chmodSync(folder, 0o755);
  return folder;
}

/** A folder with nothing but this version's `node`, from npm. */
export async function installNode(version: string, work: string): Promise<string> {
  const name = `node-linux-${process.arch}`;
  const prefix = join(ROOT, "build/newcomer/nodes", version);
  const binary = join(prefix, "node_modules", name, "bin/node");
  if (!existsSync(binary)) {
    mkdirSync(prefix, { recursive: true });
    const install = ["npm", "install", "--prefix", prefix, "--no-save", "--no-audit", `${name}@${version}`];
    const ran = await run(install, { timeoutSeconds: 300 });
    if (ran.code !== 0) throw new UnavailableError(`Node ${version} could not be installed: ${ran.output}`);
  }
  const copy = join(work, "nodes", version, "node");
  mkdirSync(dirname(copy), { recursive: true });
  copyFileSync(binary, copy);
  chmodSync(copy, 0o755);
  return dirname(copy);
}

/** A home of his own, so that no setting of the developer's machine helps the newcomer. */
export function makeHome(user: User, work: string): string {
  const home = join(work, `home-${user.name}`);
  mkdirSync(home, { recursive: true });
  chownSync(home, user.uid, user.gid);
  return home;
}

/** The newcomer's environment: the given Node first, no trace of ours. */
export async function newcomerEnv(
  nodeFolder: string,
  home: string,
  mark: string,
): Promise<NodeJS.ProcessEnv> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|PROOFX_|NODE_OPTIONS$|INIT_CWD$|CI$)/i.test(name),
  );
  const folders = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"));
  return {
    ...Object.fromEntries(kept),
    PATH: [nodeFolder, ...folders].join(delimiter),
    HOME: home,
    [MARKER]: mark,
    npm_config_cache: join(home, ".npm"),
    npm_config_registry: await registry(),
  };
}

let registryUrl: string | undefined;

/** The registry this machine uses; the newcomer's own home does not tell npm. */
async function registry(): Promise<string> {
  if (registryUrl === undefined) {
    const ran = await run(["npm", "config", "get", "registry"]);
    registryUrl = ran.output.trim().split("\n").at(-1) ?? "";
  }
  return registryUrl;
}

/** How a command is started as a user, with the network or with nothing but loopback. */
export interface Wrapper {
  readonly online: readonly string[];
  readonly offline: readonly string[];
  /** False when this machine does not let us cut the network. */
  readonly canCut: boolean;
}

/** Only loopback, up, and proved so before the command starts: /proc/net/dev has two header lines. */
const LOOPBACK_ONLY = 'ip link set lo up && test "$(wc -l < /proc/net/dev)" = 3 && exec "$@"';

export async function wrapper(user: User): Promise<Wrapper> {
  const privileged = process.getuid?.() === 0;
  const ids = [`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];
  const online = privileged && user.uid !== 0 ? ["setpriv", ...ids, "--"] : [];
  // Without privileges the network goes with a namespace in which one is root, and a second one gives the own id back.
  const own = ["unshare", "--user", `--map-user=${user.uid}`, `--map-group=${user.gid}`, "--"];
  const offline = privileged
    ? ["unshare", "--net", "--", "sh", "-c", LOOPBACK_ONLY, "sh", ...online]
    : ["unshare", "--map-root-user", "--net", "--", "sh", "-c", LOOPBACK_ONLY, "sh", ...own];
  const canCut = (await run([...offline, "true"])).code === 0;
  return { online, offline: canCut ? offline : online, canCut };
}
