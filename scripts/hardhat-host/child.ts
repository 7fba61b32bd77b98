// A process that runs one Hardhat command after the other, each as a process of its own would. It is started by `host.ts`.
//
// A command has ended when nothing is left that would keep a process alive: the channel to the parent does not count while a
// command runs, so Node itself says when that is (`beforeExit`). What ends the process within a command, `process.exit`, an
// uncaught error, a signal, ends this one, which is the command's end as well.
import { pathToFileURL } from "node:url";
import { HARDHAT_CLI } from "../hardhat.ts";
import type { Ended, Run } from "./messages.ts";

interface Cli {
  main(
    args: readonly string[],
    options: { registerTsx: boolean; warnAboutUnusedPlugins: boolean },
  ): Promise<void>;
}
interface GlobalHre {
  resetGlobalHardhatRuntimeEnvironment(): void;
}

/** Node's own for an `await` at the top of a module, where the command line has one, that nothing can settle any more. */
const UNSETTLED = 13;
const INTERNAL = new URL("internal/", pathToFileURL(HARDHAT_CLI)).href;

// As the script behind `npx hardhat` does, before anything else is loaded.
process.setSourceMapsEnabled(true);
const { main }: Cli = await import(`${INTERNAL}cli/main.js`);
const { resetGlobalHardhatRuntimeEnvironment }: GlobalHre = await import(`${INTERNAL}global-hre-instance.js`);

const { channel } = process;
if (channel === undefined || channel === null) throw new Error("a host runs as the child of host.ts");

let running: (Run & { readonly listeners: Listeners; readonly forget: () => void }) | undefined;
let settled = false;
// As Hardhat does, but where Node reads TypeScript itself: loading is half of what a short command takes.
let registerTsx = process.features.typescript === false;

process.on("message", (run: Run) => {
  settled = false;
  channel.unref();
  process.exitCode = undefined;
  process.argv.splice(1, Number.POSITIVE_INFINITY, HARDHAT_CLI, ...run.args);
  const forget = withVariables(run.env);
  resetGlobalHardhatRuntimeEnvironment();
  const before = listenersForErrors();
  // Hooks of the loader stay; a second registration would only lay the same ones on top.
  const ending = main(run.args, { registerTsx, warnAboutUnusedPlugins: true });
  registerTsx = false;
  running = { ...run, forget, listeners: added(before, listenersForErrors()) };
  // A rejection is left to Hardhat's listeners, as at the top of its script.
  void ending.then(() => {
    settled = true;
  });
});

process.on("beforeExit", () => {
  if (running === undefined) return;
  const { mark, listeners, forget } = running;
  running = undefined;
  if (!settled) {
    console.error("Warning: the command waits for something that can never come");
    process.exit(UNSETTLED);
  }
  const ended: Ended = { exitCode: Number(process.exitCode ?? 0) };
  process.exitCode = undefined;
  for (const [name, listener] of listeners) process.removeListener(name, listener);
  forget();
  channel.ref();
  process.stdout.write(mark);
  process.stderr.write(mark);
  process.send?.(ended);
});

/** Sets a command's own variables. @returns what puts back those that stood there before. */
function withVariables(variables: Run["env"]): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

/** The command line adds its listeners every time; two of them would report an error twice. */
type Listeners = [name: string, listener: () => void][];

function listenersForErrors(): Listeners {
  return ["uncaughtException", "unhandledRejection"].flatMap((name) =>
    process.listeners(name as "exit").map((listener): Listeners[number] => [name, listener as () => void]),
  );
}

function added(before: Listeners, after: Listeners): Listeners {
  return after.filter(([, listener]) => !before.some(([, known]) => known === listener));
}
