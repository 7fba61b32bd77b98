import { keysFolder, openKeys } from "../support/keys.ts";
import { action, type TaskResult } from "../support/task.ts";

/** Lists the keystore; needs no passphrase. */
export async function listKeys(): Promise<TaskResult> {
  const keys = await openKeys().list();
  const lines = keys.map(
    ({ name, algorithm, address, publicKey, createdAt }) =>
      `${name.padEnd(20)} ${algorithm.padEnd(10)} ${(address ?? publicKey).padEnd(66)} ${createdAt}`,
  );
  return {
    data: { folder: keysFolder(), keys },
    lines: lines.length > 0 ? lines : [`No keys in ${keysFolder()}`],
  };
}

export default action(listKeys);
