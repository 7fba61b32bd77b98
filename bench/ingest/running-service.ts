import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const SERVICE = fileURLToPath(new URL("./service.ts", import.meta.url));

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
    execArgv: ["--expose-gc"],
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
  const { url, credential } = await answer<{ url: string; credential: string }>();
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
