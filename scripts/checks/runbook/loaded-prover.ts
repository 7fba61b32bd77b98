import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { type Started, signalGroup, start } from "../support/process.ts";
import { prometheusOf } from "./prometheus.ts";
import type { Stage } from "./stage.ts";

const LOG = "build/test/runbooks/loaded-prover.log";
const WORDS = ["node", "src/cli/main.ts", "prover", "--config", "build/runbooks/prover.toml"];
/** Bodies of requests. */
interface Requests {
  readonly possible: string;
  readonly impossible: string;
}

/** One proof at work, one in the queue, and one that is refused. */
const CLIENTS = 3;
/** Of so many requests of a client one is for what cannot be proved. */
const ONE_OF = 5;
/** Of each slice of time the starved prover has the first part. */
const RUNS_MS = 100;
const STANDS_MS = 300;
/** It lets go by itself, so that a rehearsal that fails does not wear out the machine. */
const LONGEST_MS = 120_000;

/**
 * The stage's prover with one processor, which clients keep busy: first as fast as it can, until Prometheus says that it uses too
 * much, then starved, as on a machine whose processors others take, until it says that proofs are slow.
 */
export class LoadedProver {
  readonly #prover: Started;
  readonly #url: string;
  readonly #requests: Requests;
  readonly #over = new AbortController();
  #load: Promise<unknown> = Promise.resolve();

  private constructor(prover: Started, url: string, requests: Requests) {
    this.#prover = prover;
    this.#url = url;
    this.#requests = requests;
  }

  /** Starts it in place of the stage's own. */
  static async start(stage: Stage): Promise<LoadedProver> {
    await stage.kill("prover", "SIGINT");
    const prover = start([...onOneProcessor(), ...WORDS], { env: stage.env, logFile: LOG });
    await (await prometheusOf(stage)).sees("prover");
    // Its workers must not keep out what answers for it.
    spawnSync("chrt", ["-r", "-p", "2", String(prover.pid)]);
    const requests = JSON.parse(await stage.sh("node scripts/planted/proof-requests.ts")) as Requests;
    return new LoadedProver(prover, stage.env.PROVER ?? "", requests);
  }

  /** Has it prove as fast as it can, until that is told of; what comes then, which needs less of the machine, goes on by itself. */
  async load(stage: Stage): Promise<void> {
    const since = Date.now();
    const prometheus = await prometheusOf(stage);
    const fast = prometheus.fires("CpuHigh", since, { service: "prover" }).catch(() => undefined);
    this.#load = this.#keepBusy(async () => {
      await fast;
      await this.#starve(prometheus.fires("ProofSlow", since));
    });
    await fast;
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.#load;
    await this.#prover.stop(10);
  }

  /** Asks for proofs until `enough` ends, or nobody wants it any more. */
  async #keepBusy(enough: () => Promise<void>): Promise<void> {
    const timer = setTimeout(() => this.#over.abort(), LONGEST_MS);
    const { possible, impossible } = this.#requests;
    const clients = Array.from({ length: CLIENTS }, async () => {
      for (let i = 0; !this.#over.signal.aborted; i++) {
        const answer = await this.#ask(i % ONE_OF === 0 ? impossible : possible).catch(() => undefined);
        // Refused, or its client was told to go.
        if (answer !== 200) await sleep(250);
      }
    });
    // What it waits for is the page's to miss.
    await enough().catch(() => undefined);
    this.#over.abort();
    clearTimeout(timer);
    await Promise.all(clients);
  }

  /** Gives it a quarter of the time until `enough` ends, however it does. */
  async #starve(enough: Promise<void>): Promise<void> {
    let over = false;
    const ended = enough
      .catch(() => undefined)
      .finally(() => {
        over = true;
      });
    // Ahead of others its threads would also wait for each other, and nobody could read its metrics.
    spawnSync("chrt", ["-a", "-o", "-p", "0", String(this.#prover.pid)]);
    try {
      while (!over && !this.#over.signal.aborted) {
        signalGroup(this.#prover.pid, "SIGSTOP");
        await sleep(STANDS_MS);
        signalGroup(this.#prover.pid, "SIGCONT");
        await sleep(RUNS_MS);
      }
    } finally {
      signalGroup(this.#prover.pid, "SIGCONT");
    }
    await ended;
  }

  /** Status of the answer. */
  async #ask(body: string): Promise<number> {
    const headers = { "content-type": "application/json" };
    const { signal } = this.#over;
    const answer = await fetch(`${this.#url}/v1/proofs`, { method: "POST", headers, body, signal });
    await answer.arrayBuffer();
    return answer.status;
  }
}

/** Nothing where the machine has no such programs. Ahead of other work, so that a busy machine does not keep the prover idle. */
function onOneProcessor(): string[] {
  const words = [
    ["taskset", "-c", "0"],
    ["chrt", "-r", "1"],
  ];
  return words.flatMap((each) =>
    spawnSync(each[0] ?? "", [...each.slice(1), "true"]).status === 0 ? each : [],
  );
}
