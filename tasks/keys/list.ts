import { configuredKeys } from "../support/keys.ts";
import { action, type TaskResult } from "../support/task.ts";
import { publicPart } from "./create.ts";

/** Lists the keys; needs no passphrase and no PIN. */
export async function listKeys(): Promise<TaskResult> {
  const { keys: provider, folder, place } = configuredKeys();
  const keys = await provider.list();
  const lines = keys.map(
    (key) =>
      `${key.name.padEnd(20)} ${key.algorithm.padEnd(10)} ${publicPart(key).padEnd(66)} ${key.createdAt}`,
  );
  return { data: { folder, place, keys }, lines: lines.length > 0 ? lines : [`No keys in ${place}`] };
}

export default action(listKeys);
