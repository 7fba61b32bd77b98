import { join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { withLock } from "../../src/setup/lock.ts";
import type { TaskIo } from "./task.ts";

/**
 * Compiles what changed, one command at a time: two builds in one folder take each other's files away.
 *
 * @throws UnavailableError when another command's build does not end within ten minutes.
 */
export async function buildContracts(hre: HardhatRuntimeEnvironment, io: TaskIo): Promise<void> {
  const lock = join(hre.config.paths.cache, "build");
  const waiting = () => io.note("another command is compiling; waiting for it");
  await withLock(lock, waiting, async () => {
    await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
  });
}
