import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { freePorts, lastWords } from "../chain/local-node.ts";
import { UnavailableError } from "../core/errors.ts";
import { startLocalIpfs } from "./subgraph/ipfs.ts";
import { readHead } from "./subgraph/query.ts";
import { killGroup } from "./subgraph/tools.ts";
import { openWorkplace, type Workplace } from "./subgraph/workplace.ts";

export interface GraphNodeOptions {
  /** Folder of a built project (`buildSubgraph`). */
  readonly project: string;
  /** The network's name in the manifest. */
  readonly network: string;
  readonly rpcUrl: string;
  /** Port of the queries on 127.0.0.1; a free one without it. */
  readonly port?: number;
  /** Lines of its log. */
  readonly onLog?: (line: string) => void;
}

/** A graph-node of this machine that follows one chain for one subgraph; what it stored goes with it. */
export interface GraphNode {
  /** Where queries go. */
  readonly url: string;
  /** Where its administrators deploy further subgraphs, and the IPFS that takes their files. */
  readonly admin: string;
  readonly ipfs: string;
  /** Where it says of each subgraph how it is, and why one stopped. */
  readonly status: string;
  readonly pid: number;
  /** Resolves when it has ended, also when nobody asked it to. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/**
 * Milliseconds until it answers, try by try: ten seconds, on a busy machine thirty. gnd 0.45.0 at times stops for good when its database
 * has just been set up; then another one is started.
 */
const START_TIMEOUTS = [45_000, 45_000, 180_000];
/** What it has to end in order; milliseconds. */
const GRACE = 10_000;

/**
 * Starts a graph-node (`gnd dev`) with a PostgreSQL of its own and waits until the subgraph answers.
 *
 * @throws UnavailableError when it cannot run here, or ends before it answers; its last words are in the message.
 */
export async function startGraphNode(options: GraphNodeOptions): Promise<GraphNode> {
  let said: readonly string[] = [];
  for (const timeout of START_TIMEOUTS) {
    const started = await startOnce(options, timeout);
    if ("url" in started) return started;
    const late = `it did not answer within ${timeout / 1000} s`;
    options.onLog?.(late);
    said = [...started.silent, late];
  }
  throw notStarted(said);
}

/** Starts one; when it runs and does not answer in time it is ended, and its last words are what is left. */
async function startOnce(
  options: GraphNodeOptions,
  timeout: number,
): Promise<GraphNode | { readonly silent: readonly string[] }> {
  const place = openWorkplace(options.project);
  // Files of what is deployed to it: gnd reads them in the folder that it runs in.
  const ipfs = await startLocalIpfs(place.folder);
  const [free = 0, index = 0, admin = 0, metrics = 0] = await freePorts(4);
  const http = options.port || free;
  const args = [
    ["dev", "--manifests", "./subgraph.yaml", "--database-dir", "./data"],
    ["--ethereum-rpc", `${options.network}:${options.rpcUrl}`, "--ipfs", ipfs.url],
    ["--http-port", `${http}`, "--index-node-port", `${index}`],
    ["--admin-port", `${admin}`, "--metrics-port", `${metrics}`],
  ].flat();
  const { pid, gone, ended, words, stop } = spawnGnd(place, args, options.onLog);
  const close = async (): Promise<void> => {
    await stop();
    await ipfs.close();
    place.remove();
  };
  const local = (port: number): string => `http://127.0.0.1:${port}`;
  const url = `${local(http)}/subgraphs/name/${DEV_NAME}`;
  const answer = await untilAnswering(url, timeout, gone);
  if (answer === "answers")
    return { url, admin: local(admin), status: `${local(index)}/graphql`, ipfs: ipfs.url, pid, ended, close };
  await close();
  if (answer === "silent") return { silent: words() };
  throw notStarted(words());
}

function notStarted(words: readonly string[]): UnavailableError {
  return new UnavailableError(`graph-node did not start: ${words.slice(-5).join("\n") || "no output"}`, {
    next: "look at its log: npx proofx subgraph dev --verbose",
  });
}

/** What gnd calls the first subgraph it is given. */
const DEV_NAME = "subgraph-0";

/** Whether it answers in time, milliseconds. */
async function untilAnswering(
  url: string,
  timeout: number,
  gone: () => boolean,
): Promise<"answers" | "silent" | "gone"> {
  const deadline = Date.now() + timeout;
  while (Date.now() < deadline) {
    if (gone()) return "gone";
    const answers = await readHead(url).then(
      () => true,
      () => false,
    );
    if (answers) return "answers";
    await pause(200);
  }
  return "silent";
}

/** A gnd in a group of its own: Ctrl-C is for whoever started it, and its PostgreSQL must end with it. */
function spawnGnd(place: Workplace, args: readonly string[], onLog: GraphNodeOptions["onLog"]) {
  const child = spawn(place.gnd, [...args], {
    ...place.spawning,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const orphaned = (): void => killGroup(child.pid);
  process.once("exit", orphaned);
  const words = lastWords(child, onLog);
  let gone = false;
  const ended = new Promise<void>((resolve) => {
    for (const event of ["close", "error"]) child.once(event, () => resolve());
  }).then(() => {
    gone = true;
    process.off("exit", orphaned);
  });
  const stop = async (): Promise<void> => {
    child.kill("SIGINT");
    await Promise.race([ended, pause(GRACE, undefined, { ref: false })]);
    killGroup(child.pid);
    await ended;
  };
  return { pid: child.pid ?? 0, gone: () => gone, ended, words, stop };
}
