import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Json } from "../../../src/core/json.ts";
import type { Answer, ChildSettings, Outcome, Request } from "./protocol.ts";

/** What is killed: the way in alone, or the whole service with HTTP before it. */
export type Kind = "ingest" | "service";

/** The module of each. */
export const MODULES: Readonly<Record<Kind, URL>> = {
  ingest: new URL("./child.ts", import.meta.url),
  service: new URL("./service.ts", import.meta.url),
};

/** One life of a process that takes events in. */
export interface Life {
  /** Sends an event; the outcome, or `undefined` when the process is gone before it answers. */
  submit(request: Request): Promise<Outcome | undefined>;
  /** Ends it as a power switch would, in the middle of whatever it does. */
  kill(): Promise<void>;
}

/** Starts a {@link MODULES} module, as it is or bundled, and waits until it takes events. */
export async function beginLife(path: string, settingsFile: string): Promise<Life> {
  const child = fork(path, [settingsFile], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let errors = "";
  child.stderr?.on("data", (chunk) => (errors += chunk));
  const ended = once(child, "exit");
  const first = await new Promise<{ url?: string }>((resolve, reject) => {
    child.once("message", resolve as (message: unknown) => void);
    child.once("exit", (code, signal) => reject(new Error(`ended with ${code ?? signal}: ${errors}`)));
  });
  return {
    submit: first.url === undefined ? byMessages(child) : byHttp(first.url, settingsFile, ended),
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function byMessages(child: ChildProcess): Life["submit"] {
  const waiting = new Map<number, (outcome: Outcome | undefined) => void>();
  let gone = false;
  child.once("exit", () => {
    gone = true;
    for (const resolve of waiting.values()) resolve(undefined);
    waiting.clear();
  });
  child.on("message", (answer: Answer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  let next = 0;
  return (request) => {
    if (gone) return Promise.resolve(undefined);
    next += 1;
    const id = next;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      child.send({ id, ...request }, () => {});
    });
  };
}

/** A connection that breaks says nothing yet: the process has to be gone, too. */
const SOON = 10_000;

function byHttp(url: string, settingsFile: string, ended: Promise<unknown>): Life["submit"] {
  const { credential } = JSON.parse(readFileSync(settingsFile, "utf8")) as ChildSettings;
  const headers = { "content-type": "application/json", authorization: `Bearer ${credential}` };
  return async ({ storeId, event }) => {
    try {
      const body = JSON.stringify(event);
      const answer = await fetch(`${url}/v1/stores/${storeId}/events`, { method: "POST", headers, body });
      const { receipt, code } = (await answer.json()) as { receipt: Json; code: string };
      return answer.ok ? { receipt } : { refused: code };
    } catch (error) {
      const stays = pause(SOON, "stays", { ref: false });
      if ((await Promise.race([ended, stays])) === "stays") throw error;
      return undefined;
    }
  };
}
