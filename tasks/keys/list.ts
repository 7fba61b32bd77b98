import { configuredKeys } from "../support/keys.ts";
import { action, type TaskResult } from "../support/task.ts";

/** Lists the keys; needs no passphrase and no PIN. */
export async function listKeys(): Promise<TaskResult> {
  const { keys: provider, folder, place } = configuredKeys();
  const keys = await provider.list();
  const lines = keys.map(
    ({ name, algorithm, address, publicKey, createdAt }) =>
      `${name.padEnd(20)} ${algorithm.padEnd(10)} ${(address ?? publicKey).padEnd(66)} ${createdAt}`,
  );
  return { data: { folder, place, keys }, lines: lines.length > 0 ? lines : [`No keys in ${place}`] };
}

export default action(listKeys);
