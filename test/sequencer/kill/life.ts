import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Answer, Request } from "./protocol.ts";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));

/** One life of a process that takes events in. */
export interface Life {
  /** Sends an event; the answer, or `undefined` when the process is gone before it answers. */
  submit(request: Omit<Request, "id">): Promise<Answer | undefined>;
  /** Ends it as a power switch would, in the middle of whatever it does. */
  kill(): Promise<void>;
}

/** Starts one, and waits until it takes events. */
export async function beginLife(settingsFile: string): Promise<Life> {
  const child: ChildProcess = fork(CHILD, [settingsFile], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let errors = "";
  child.stderr?.on("data", (chunk) => (errors += chunk));
  const waiting = new Map<number, (answer: Answer | undefined) => void>();
  let gone = false;
  const ended = once(child, "exit").then(() => {
    gone = true;
    for (const resolve of waiting.values()) resolve(undefined);
    waiting.clear();
  });
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code, signal) => reject(new Error(`ended with ${code ?? signal}: ${errors}`)));
  });
  child.on("message", (answer: Answer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  let next = 0;
  return {
    submit(request) {
      if (gone) return Promise.resolve(undefined);
      next += 1;
      const id = next;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        child.send({ id, ...request }, () => {});
      });
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
