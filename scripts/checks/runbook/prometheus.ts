import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { CheckError } from "../../../src/core/errors.ts";
import { ROOT, type Started, start } from "../support/process.ts";
import { playedRules } from "./minutes-as-seconds.ts";
import type { Stage } from "./stage.ts";

/** The program, and what brings it. */
export const PROMETHEUS = { command: "prometheus", install: "apt-get install -y prometheus" } as const;

const FOLDER = "build/runbooks/prometheus";
const LOG = "build/test/runbooks/prometheus.log";
/** Between two readings of a service. The shipped 15 s would be 0.25 s; a second costs less and leaves enough in every window. */
const READ_SECONDS = 1;
/** Between two looks at the rules. */
const LOOK = "500ms";
const PATIENCE_MS = 60_000;

/**
 * Services that faults have for themselves, and the names of what is read of each: all that another watcher has would hide that the
 * stage's is gone.
 */
const OF_FAULTS = { witness: ".+", "edge-watcher": "proofx_watcher_probe_failed" } as const;

/** What an alert has to be labelled with. */
export type Labels = Readonly<Record<string, string>>;

type Answer = { readonly data?: { readonly result: readonly { readonly value: [number, string] }[] } };

/**
 * A real Prometheus that reads the stage's services, with the rendered rules about metrics, in which minutes are played as seconds.
 * Its history is kept, so an alert that was over before somebody asked is found all the same.
 */
export class StagePrometheus {
  readonly #program: Started;
  readonly #url: string;

  private constructor(program: Started, url: string) {
    this.#program = program;
    this.#url = url;
  }

  /**
   * Starts it on a free port.
   *
   * @param services URLs by job; one that does not run yet is read once it does.
   */
  static async start(services: Readonly<Record<string, string>>): Promise<StagePrometheus> {
    rmSync(join(ROOT, FOLDER), { recursive: true, force: true });
    const files = [
      ...playedRules(),
      ...Object.keys(OF_FAULTS).map((job) => ({ path: targetsOf(job), text: "[]" })),
      { path: "prometheus.yml", text: settings(services) },
    ];
    for (const { path, text } of files) {
      const file = join(ROOT, FOLDER, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    const program = start(
      [
        PROMETHEUS.command,
        `--config.file=${FOLDER}/prometheus.yml`,
        `--storage.tsdb.path=${FOLDER}/data`,
        "--web.listen-address=127.0.0.1:0",
        // Five minutes, played as seconds like the rest.
        "--query.lookback-delta=5s",
      ],
      { logFile: LOG },
    );
    return new StagePrometheus(program, await addressOf(program));
  }

  /** Reads a service that a fault started, from now on. @throws CheckError when it does not come to that. */
  async reads(job: keyof typeof OF_FAULTS, url: string): Promise<void> {
    writeFileSync(join(ROOT, FOLDER, targetsOf(job)), JSON.stringify([{ targets: [new URL(url).host] }]));
    await this.sees(job);
  }

  /** Waits until it has read a service often enough to see its counters rise. @throws CheckError when it does not come to that. */
  async sees(job: string): Promise<void> {
    const two = `sum_over_time(up{job="${job}"}[${3 * READ_SECONDS}s]) >= 2`;
    await this.until(`no two readings of ${job}`, async () => (await this.query(two)) !== undefined);
  }

  /** Waits a while until nothing of a rule is under way: a machine that others keep busy is slow by itself. */
  async quiet(rule: string, labels: Labels = {}): Promise<void> {
    const alerts = `ALERTS{${matchers({ alertname: rule, ...labels })}}`;
    await this.until(rule, async () => (await this.query(alerts)) === undefined).catch(() => undefined);
  }

  /**
   * Waits until an alert was told since then.
   *
   * @param since Ms since 1970, when it was {@link quiet}.
   * @throws CheckError when it was not.
   */
  async fires(rule: string, since: number, labels: Labels = {}): Promise<void> {
    const told = `ALERTS{${matchers({ alertname: rule, ...labels, alertstate: "firing" })}}`;
    await this.until("Prometheus raised no alert for it", async () => {
      const span = Math.max(1, Date.now() - since);
      return (await this.query(`count_over_time(${told}[${span}ms])`)) !== undefined;
    });
  }

  /** Waits until no such alert is left. @throws CheckError when one is. */
  async ends(rule: string, labels: Labels = {}): Promise<void> {
    await this.until(
      "Prometheus does not end its alert",
      async () =>
        (await this.query(`ALERTS{${matchers({ alertname: rule, ...labels, alertstate: "firing" })}}`)) ===
        undefined,
      // What is counted over an hour is over after a minute.
      2 * PATIENCE_MS,
    );
  }

  /** The first value that an expression has now. */
  async query(expression: string): Promise<number | undefined> {
    const body = new URLSearchParams({ query: expression });
    const answer = await fetch(`${this.#url}/api/v1/query`, { method: "POST", body });
    if (!answer.ok) throw new CheckError(`Prometheus: ${await answer.text()}`);
    const value = ((await answer.json()) as Answer).data?.result[0]?.value[1];
    return value === undefined ? undefined : Number(value);
  }

  async close(): Promise<void> {
    await this.#program.stop(5);
  }

  /** Asks again and again. @throws CheckError with `otherwise` when it does not become so. */
  async until(otherwise: string, so: () => Promise<boolean>, patience = PATIENCE_MS): Promise<void> {
    const last = performance.now() + patience;
    while (!(await so())) {
      if (performance.now() > last) throw new CheckError(otherwise);
      await sleep(200);
    }
  }
}

const opened = new WeakMap<Stage, Promise<StagePrometheus>>();

/** The stage's Prometheus, started at the first call. */
export function prometheusOf(stage: Stage): Promise<StagePrometheus> {
  let prometheus = opened.get(stage);
  if (prometheus === undefined) {
    const { SEQUENCER = "", RELAYER = "", PROVER = "", WATCHER = "" } = stage.env;
    prometheus = StagePrometheus.start({
      sequencer: SEQUENCER,
      relayer: RELAYER,
      prover: PROVER,
      watcher: WATCHER,
    });
    opened.set(stage, prometheus);
  }
  return prometheus;
}

/** Ends the stage's Prometheus where there is one. */
export async function closePrometheus(stage: Stage): Promise<void> {
  const prometheus = opened.get(stage);
  opened.delete(stage);
  await (await prometheus)?.close();
}

function settings(services: Readonly<Record<string, string>>): string {
  return stringify({
    global: {
      scrape_interval: `${READ_SECONDS}s`,
      scrape_timeout: `${READ_SECONDS}s`,
      evaluation_interval: LOOK,
    },
    rule_files: ["prometheus/rules/*.yml"],
    scrape_configs: [
      ...Object.entries(services).map(([job, url]) => ({
        job_name: job,
        static_configs: [{ targets: [new URL(url).host] }],
      })),
      ...Object.entries(OF_FAULTS).map(([job, names]) => ({
        job_name: job,
        file_sd_configs: [{ files: [targetsOf(job)], refresh_interval: "1s" }],
        metric_relabel_configs: [{ source_labels: ["__name__"], regex: names, action: "keep" }],
      })),
    ],
  });
}

const targetsOf = (job: string): string => `targets/${job}.json`;

async function addressOf(program: Started): Promise<string> {
  const last = performance.now() + PATIENCE_MS;
  let ended = false;
  void program.ended.then(() => {
    ended = true;
  });
  while (!ended && performance.now() < last) {
    const said = program.output();
    const address = /msg="Listening on" address=(\S+)/.exec(said)?.[1];
    if (address !== undefined && said.includes("ready to receive web requests")) return `http://${address}`;
    await sleep(50);
  }
  await program.stop(5);
  throw new CheckError(`Prometheus is not up\n${program.output().trim().split("\n").slice(-5).join("\n")}`);
}

function matchers(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(",");
}
