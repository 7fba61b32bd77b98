import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { CheckError } from "../../src/core/errors.ts";
import { commandEnvironment, quote, running, stopCommand } from "./command.ts";
import type { StoryService } from "./context.ts";

/** Starts `npx proofx …` and waits until it listens. It ends with the story, however that ends. */
export async function startService(words: readonly string[], logFile: string): Promise<StoryService> {
  const line = ["npx proofx", ...words.map(quote)].join(" ");
  appendFileSync(logFile, `$ ${line} &\n`);
  const child = spawn(
    process.execPath,
    ["--import", "./scripts/story/leash.ts", "src/cli/main.ts", ...words],
    {
      env: commandEnvironment(),
      stdio: ["pipe", "ignore", "pipe"],
    },
  );
  running.add(child);
  child.once("close", () => running.delete(child));
  let said = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.on("data", (chunk: Buffer) => {
      appendFileSync(logFile, chunk);
      said += chunk;
      const found = /is listening on (http:\S+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("error", reject);
    child.once("close", (code) => {
      const last = said.trim().split("\n").slice(-3).join("\n  ");
      reject(new CheckError(`${line}: ended with ${code} before it listened\n  ${last}`));
    });
  });
  return { url, stop: () => stopCommand(child) };
}
