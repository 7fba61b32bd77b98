import { spawn } from "node:child_process";

/** Prometheus or Alertmanager, as it was installed. */
export interface Server {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts it on a free port, in a folder of its own, and waits until it listens; both say so in the same words. */
export async function startServer(command: string, args: readonly string[], cwd: string): Promise<Server> {
  const child = spawn(command, [...args, "--web.listen-address=127.0.0.1:0"], {
    cwd,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const close = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.once("error", reject);
    child.once("close", () => reject(new Error(`${command} ended: ${said}`)));
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const address = /msg="Listening on" address=(\S+)/.exec(said)?.[1];
      if (address !== undefined) resolve(`http://${address}`);
    });
  });
  return { url, close };
}
