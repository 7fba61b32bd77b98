/**
 * Does a piece of work and kills itself, as `kill -9` would, before file-system call number CRASH_AT of those that write;
 * a write is cut in half.
 *
 * Arguments: folder, CRASH_AT (from 0), the work. Ends with exit code 0 when it came to an end before that.
 */
import promises, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const [folder = "", crashAt = "", work = ""] = process.argv.slice(2);
let calls = 0;

function step(beforeDeath: () => void = () => {}): void {
  if (calls++ !== Number(crashAt)) return;
  beforeDeath();
  process.kill(process.pid, "SIGKILL");
}

const { link, mkdir, open, unlink } = promises;
Object.assign(promises, {
  link: (...args: Parameters<typeof link>) => [step(), link(...args)][1],
  mkdir: (...args: Parameters<typeof mkdir>) => [step(), mkdir(...args)][1],
  unlink: (...args: Parameters<typeof unlink>) => [step(), unlink(...args)][1],
  open: async (...args: Parameters<typeof open>) => {
    // Flags given by number are a read's: a kill before it leaves what the call before it left.
    if (typeof args[1] === "number") return open(...args);
    step();
    return watch(await open(...args));
  },
});
syncBuiltinESMExports();

function watch(handle: FileHandle): FileHandle {
  const { sync, close, write } = handle;
  const half = (content: string) => write.call(handle, content.slice(0, content.length / 2));
  const writeFile = handle.writeFile.bind(handle);
  return Object.assign(handle, {
    sync: () => [step(), sync.call(handle)][1],
    close: () => [step(), close.call(handle)][1],
    writeFile: async (content: string) => {
      if (calls === Number(crashAt)) await half(content);
      step();
      await writeFile(content);
    },
  });
}

const { crashWork } = await import("./crash-work.ts");
await crashWork(folder)[work]?.();
