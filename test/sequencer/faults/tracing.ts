import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One system call that returned. */
export interface Call {
  readonly name: string;
  /** Milliseconds since 1970 at which it was entered, and at which it had returned. */
  readonly entered: number;
  readonly returned: number;
  /** Path of the file that its descriptor is. */
  readonly file: string;
}

/** Watches the syncs of a process and all its children, those that come later included. */
export interface Tracing {
  /** Ends the watching and tells what was seen. */
  calls(): Promise<Call[]>;
}

/** A process and its children. */
function family(pid: number): number[] {
  const children = readdirSync("/proc").filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      return (
        readFileSync(`/proc/${entry}/stat`, "utf8")
          .replace(/^.*\) /s, "")
          .split(" ")[1] === String(pid)
      );
    } catch {
      return false;
    }
  });
  return [pid, ...children.map(Number)];
}

/** Begins to watch; resolves once strace is attached. */
export async function traceSyncs(pid: number): Promise<Tracing> {
  const folder = mkdtempSync(join(tmpdir(), "proofx-trace-"));
  const file = join(folder, "calls");
  const args = ["-f", "-ttt", "-T", "-y", "-e", "trace=fsync,fdatasync", "-o", file];
  args.push(...family(pid).flatMap((each) => ["-p", String(each)]));
  const child: ChildProcess = spawn("strace", args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  const attached = new Promise<void>((resolve, reject) => {
    child.stderr?.on("data", (chunk) => {
      said += chunk;
      if (said.split("attached").length > family(pid).length) resolve();
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`strace ended with ${code}: ${said}`)));
  });
  try {
    await attached;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    async calls() {
      const ended = once(child, "exit");
      child.kill("SIGINT");
      await ended;
      const text = readFileSync(file, "utf8");
      rmSync(folder, { recursive: true, force: true });
      return text.split("\n").flatMap(callOf);
    },
  };
}

/** `123 1700000000.000001 fdatasync(5</path>) = 0 <0.000450>` */
function callOf(line: string): Call[] {
  const found = /^\d+ +(\d+\.\d+) (\w+)\(\d+<([^>]*)>\) += 0 <(\d+\.\d+)>$/.exec(line);
  if (found === null) return [];
  const [, at = "", name = "", file = "", took = ""] = found;
  const entered = Number(at) * 1000;
  return [{ name, entered, returned: entered + Number(took) * 1000, file }];
}
