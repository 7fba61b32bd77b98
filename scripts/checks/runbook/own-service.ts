import { setTimeout as sleep } from "node:timers/promises";
import { CheckError } from "../../../src/core/errors.ts";
import { type Started, start } from "../support/process.ts";
import type { Stage } from "./stage.ts";

const READY_MS = 120_000;

/** A service of ours that a fault has for itself. */
export interface OwnService {
  readonly url: string;
  /** Ends it as `kill -9` does, or in order. */
  stop(signal?: "SIGKILL" | "SIGINT"): Promise<void>;
}

/** Starts `proofx WORDS` and waits until it says where it listens. @throws CheckError with its last words when it does not. */
export async function startOwnService(
  { env }: Stage,
  name: string,
  words: readonly string[],
): Promise<OwnService> {
  const child = start(["node", "src/cli/main.ts", ...words], {
    env,
    logFile: `build/test/runbooks/${name}.log`,
  });
  return {
    url: await urlOf(child, name),
    stop: async (signal = "SIGINT") => void (await child.stop(signal === "SIGKILL" ? 0 : 10)),
  };
}

async function urlOf(child: Started, name: string): Promise<string> {
  const last = performance.now() + READY_MS;
  let ended = false;
  void child.ended.then(() => {
    ended = true;
  });
  while (!ended && performance.now() < last) {
    const url = / is listening on (http\S+)/.exec(child.output())?.[1];
    if (url !== undefined) return url;
    await sleep(50);
  }
  await child.stop(5);
  throw new CheckError(`${name} is not up\n${child.output().trim().split("\n").slice(-15).join("\n")}`);
}
