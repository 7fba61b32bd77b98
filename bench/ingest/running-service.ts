import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ChildSettings } from "../../test/sequencer/kill/protocol.ts";

const SERVICE = fileURLToPath(new URL("../../test/sequencer/kill/service.ts", import.meta.url));
const [LAUNCHER = ""] = readFileSync(new URL("../../src/cli/main.ts", import.meta.url), "utf8").split("\n");
/** Node's options that the command starts every service with. */
const AS_STARTED = LAUNCHER.match(/--\S+/g) ?? [];

/** A sequencer in a process of its own. */
export interface RunningSequencer {
  readonly url: string;
  /** Of the tenant whose streams the log has, and good for everything. */
  readonly credential: string;
  readonly pid: number;
  /** What it holds once garbage is collected, bytes. */
  memory(): Promise<NodeJS.MemoryUsage>;
  close(): Promise<void>;
}

/** Starts it over the log that a file of settings names. */
export async function startService(settingsFile: string): Promise<RunningSequencer> {
  const child: ChildProcess = fork(SERVICE, [settingsFile], {
    execArgv: [...AS_STARTED, "--expose-gc"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = once(child, "exit");
  const failed = ended.then(([code, signal]) => {
    throw new Error(`the sequencer ended with ${code ?? signal}`);
  });
  failed.catch(() => {});
  const answer = async <T>(): Promise<T> => {
    const answered = new Promise<T>((resolve) =>
      child.once("message", resolve as (message: unknown) => void),
    );
    return await Promise.race([answered, failed]);
  };
  const { url } = await answer<{ url: string }>();
  const { credential } = JSON.parse(readFileSync(settingsFile, "utf8")) as ChildSettings;
  return {
    url,
    credential,
    pid: child.pid ?? 0,
    async memory() {
      child.send("memory");
      return (await answer<{ memory: NodeJS.MemoryUsage }>()).memory;
    },
    async close() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
