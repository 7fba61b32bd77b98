import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { UnavailableError } from "../../../src/core/errors.ts";
import type { Failure } from "../../test/results.ts";
import { ROOT, type RunOptions, run, type Started, start } from "../support/process.ts";
import { duration } from "../support/table.ts";
import { endedWithin } from "./leftovers.ts";
import {
  installNode,
  makeHome,
  NODE_VERSIONS,
  newcomerEnv,
  type User,
  type Wrapper,
  wrapper,
} from "./machine.ts";

/**
 * The promise in seconds: the first start in 4 minutes, the second in 1. A slower step is told loudly, and one
 * that takes twice as long is ended and fails: a busy machine is no defect of the code.
 */
export const LIMITS = { install: 600, first: 240, second: 60, suite: 120, test: 900 } as const;

/** One newcomer: a user with a Node version in front of a fresh clone. */
export class Visit {
  readonly name: string;
  readonly mark: string;
  readonly clone: string;
  readonly failures: Failure[] = [];
  /** Steps that took longer than promised. */
  readonly late: string[] = [];
  passed = 0;
  /** Seconds of each timed step. */
  readonly times = new Map<string, number>();
  readonly #env: NodeJS.ProcessEnv;
  readonly #wrapper: Wrapper;

  private constructor(name: string, mark: string, clone: string, env: NodeJS.ProcessEnv, wrap: Wrapper) {
    this.name = name;
    this.mark = mark;
    this.clone = clone;
    this.#env = env;
    this.#wrapper = wrap;
  }

  /** Clones the committed HEAD into a folder that belongs to the user. */
  static async begin(node: string, user: User, work: string, what = "start"): Promise<Visit> {
    const version = NODE_VERSIONS[node] ?? node;
    const name = `node ${node}, ${user.name}`;
    const mark = `${process.pid}-${node}-${user.name}-${what}`;
    const clone = join(work, `clone-${node}-${user.name}-${what}`);
    const env = await newcomerEnv(await installNode(version, work), makeHome(user, work), mark);
    const head = (await run(["git", "rev-parse", "HEAD"])).output.trim();
    await must(["git", "clone", "--quiet", "--no-hardlinks", ROOT, clone]);
    await must(["git", "-C", clone, "-c", "advice.detachedHead=false", "checkout", "--quiet", head]);
    await must(["chown", "-R", `${user.uid}:${user.gid}`, clone]);
    chmodSync(clone, 0o755);
    return new Visit(name, mark, clone, env, await wrapper(user));
  }

  get networkCut(): boolean {
    return this.#wrapper.canCut;
  }

  /** Runs a step to its end: exit code, time limit and what it leaves behind are one check each. */
  async step(
    what: string,
    command: readonly string[],
    limit: number,
    network: "online" | "offline",
  ): Promise<boolean> {
    const options = { ...this.#options(what), timeoutSeconds: limit * 2 };
    const ran = await run([...this.#wrapper[network], ...command], options);
    this.times.set(what, ran.seconds);
    console.log(`  ${this.name}: ${what} ${duration(ran.seconds)}`);
    const end = ran.output.trimEnd().split("\n").slice(-20).join("\n");
    this.check(`${what} exits with 0`, ran.code === 0, `${ran.code}\n${end}`);
    if (ran.seconds > limit)
      this.late.push(`${this.name}: ${what} took ${duration(ran.seconds)}, promised ${limit} s`);
    const left = await endedWithin(this.mark, 3);
    const groupLeft = ran.leftProcesses ? ["a process of its group"] : [];
    const names = [...left.map(({ command: each }) => each), ...groupLeft];
    this.check(`${what} leaves no process`, names.length === 0, names.join("\n"));
    return ran.code === 0;
  }

  /** Starts a step that will be interrupted. */
  begin(what: string, command: readonly string[]): Started {
    return start([...this.#wrapper.offline, ...command], this.#options(what));
  }

  check(title: string, good: boolean, detail: string): void {
    if (good) this.passed++;
    else this.failures.push({ title: `${this.name}: ${title}`, detail });
    if (!good) console.error(`  FAILED ${this.name}: ${title}: ${detail}`);
  }

  /** What git says about the clone; its owner may not be us. */
  async checkClean(): Promise<void> {
    const git = ["git", "-c", `safe.directory=${this.clone}`, "-C", this.clone, "status", "--porcelain"];
    const status = await run([...this.#wrapper.online, ...git], this.#options("git status"));
    this.check("git status is clean", status.code === 0 && status.output === "", status.output);
  }

  /** Megabytes below a folder of the clone. */
  async size(folder: string): Promise<number> {
    return Number((await run(["du", "-sm", join(this.clone, folder)])).output.split("\t")[0]);
  }

  /** Removes the clone, except after a failure. */
  end(): void {
    if (this.failures.length === 0) rmSync(this.clone, { recursive: true, force: true });
    else console.error(`  ${this.name}: the clone stays at ${this.clone}`);
  }

  #options(what: string): RunOptions {
    const log = `${this.mark.replace(/^\d+-/, "")}-${what}`.replace(/[^\w]+/g, "-");
    return { cwd: this.clone, env: this.#env, logFile: join(ROOT, "build/newcomer/logs", `${log}.log`) };
  }
}

async function must(command: readonly string[]): Promise<void> {
  const ran = await run(command);
  if (ran.code !== 0) throw new UnavailableError(`${command.join(" ")} failed: ${ran.output}`);
}
