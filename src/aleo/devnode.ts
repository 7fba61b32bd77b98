import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePorts, lastWords } from "../chain/local-node.ts";
import { UnavailableError } from "../core/errors.ts";
import { DEVELOPMENT_KEYS } from "./development-keys.ts";
import { openLedger } from "./ledger.ts";
import { type DevnodeProgram, findDevnode } from "./runtime.ts";

export interface DevnodeOptions {
  /** Folder that keeps the ledger; without it, it lives in memory and ends with the process. */
  readonly storage?: string;
  /** Port on 127.0.0.1; a free one by default, or with 0. */
  readonly port?: number;
  /** Blocks are made by `advance` alone; by default every transaction that arrives makes one. */
  readonly manual?: boolean;
  readonly program?: DevnodeProgram;
  /** Lines of the ledger's own log. */
  readonly onLog?: (line: string) => void;
}

/** A running development ledger of this machine. */
export interface Devnode {
  readonly url: string;
  readonly pid: number;
  /** Private keys of funded accounts, public by design; the first one makes the blocks. */
  readonly accounts: readonly string[];
  /** Makes blocks, about 15 a second; returns the new height. */
  advance(blocks: number): Promise<number>;
  /** Resolves when the process has ended, also when nobody asked it to. */
  readonly ended: Promise<void>;
  /** Ends it by its process id. What a storage folder holds stays. */
  close(): Promise<void>;
}

/** The ledger knows all consensus versions by this height; before it, programs like ours are refused. */
const READY_HEIGHT = 22;
/** Loading a stored ledger and the first blocks may take this long on a busy machine; milliseconds. */
const START_TIMEOUT = 120_000;
/**
 * A cache of what the blocks say anyway. Torn, as an end in between leaves it, it costs a minute to find out, while making it
 * anew costs a second; so it goes before each start.
 */
const BLOCK_TREE = "block_tree";

/**
 * Starts a development ledger and waits until it knows all consensus versions.
 *
 * @throws UnavailableError when it cannot run here, or ends before it answers; its last words are in the message.
 */
export async function startDevnode(options: DevnodeOptions = {}): Promise<Devnode> {
  const program = options.program ?? findDevnode();
  // It takes no port 0, so a free one is found for it; whoever takes it in between is found out at the start.
  const [free = 0] = await freePorts(1);
  const port = options.port || free;
  const [blockKey] = DEVELOPMENT_KEYS;
  if (options.storage !== undefined) rmSync(join(options.storage, BLOCK_TREE), { force: true });
  const child = spawn(program.command, [...program.args, ...startArguments(port, options)], {
    // Not on its command line, though anybody may know it: other keys may follow this example.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PRIVATE_KEY: blockKey },
    stdio: ["ignore", "pipe", "pipe"],
    // In a group of its own: Ctrl-C is for whoever started it, who then ends it in order.
    detached: true,
  });
  const orphaned = (): boolean => child.kill("SIGKILL");
  process.once("exit", orphaned);
  const words = lastWords(child, options.onLog);
  const ended = new Promise<void>((resolve) => {
    for (const event of ["close", "error"]) child.once(event, () => resolve());
  });
  void ended.then(() => {
    process.off("exit", orphaned);
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilReady(url, child, ended);
  } catch (error) {
    child.kill("SIGKILL");
    await ended;
    throw new UnavailableError(
      `the Aleo development ledger did not start: ${words().at(-1) ?? "no output"}`,
      {
        cause: error,
        next: "look at its log: npx proofx aleo devnode --verbose",
      },
    );
  }
  return {
    url,
    pid: child.pid ?? 0,
    accounts: DEVELOPMENT_KEYS,
    ended,
    advance: (blocks) => createBlocks(url, blocks),
    close: () => end(child, ended),
  };
}

/** Makes blocks on a development ledger, whoever started it. @returns the new height. */
export async function createBlocks(url: string, blocks: number): Promise<number> {
  const ledger = openLedger(url);
  // In portions: an answer comes only when all are made.
  for (let left = blocks; left > 0; left -= 50) await ledger.createBlocks(Math.min(left, 50));
  return ledger.height();
}

function startArguments(port: number, { storage, manual, onLog }: DevnodeOptions): string[] {
  return [
    "start",
    "--socket-addr",
    `127.0.0.1:${port}`,
    "--verbosity",
    onLog === undefined ? "0" : "1",
    ...(storage === undefined ? [] : ["--storage", storage]),
    ...(manual === true ? ["--manual-block-creation"] : []),
  ];
}

async function untilReady(url: string, child: ChildProcess, ended: Promise<void>): Promise<void> {
  const ledger = openLedger(url, { attempts: 1, timeout: 10_000 });
  let gone = false;
  void ended.then(() => {
    gone = true;
  });
  const deadline = Date.now() + START_TIMEOUT;
  while (Date.now() < deadline) {
    if (gone) throw new UnavailableError(`it ended with code ${child.exitCode ?? child.signalCode}`);
    const height = await ledger.height().catch(() => -1);
    if (height >= READY_HEIGHT) return;
    await pause(50);
  }
  throw new UnavailableError(`it did not answer within ${START_TIMEOUT / 1000} s`);
}

/**
 * Kills it: every block is on the disk when it is acknowledged, and asked politely it would write {@link BLOCK_TREE} for
 * minutes, with its port closed.
 */
async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  await ended;
}
