import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CheckError } from "../../../src/core/errors.ts";
import { ROOT } from "../support/process.ts";
import { type OwnService, startOwnService } from "./own-service.ts";
import { prometheusOf } from "./prometheus.ts";
import type { Stage } from "./stage.ts";

const FOLDER = "build/runbooks";
const PATIENCE_MS = 60_000;

/** How a submission stands, as far as faults ask. */
export interface Submission {
  readonly state: string;
  readonly waiting?: { readonly cause: string } | null;
}

/** What differs from the stage's own. */
export interface RelayerSettings {
  /** Ether a day. */
  readonly spendingLimit?: string;
  /** URL of the node that it asks. */
  readonly node?: string;
}

/** A relayer in place of the stage's own, at the same address, with work to do. */
export class BusyRelayer {
  readonly #stage: Stage;
  readonly #service: OwnService;

  private constructor(stage: Stage, service: OwnService) {
    this.#stage = stage;
    this.#service = service;
  }

  /** Starts it with an empty outbox; Prometheus has seen its counters as they were then. */
  static async start(
    stage: Stage,
    { spendingLimit = "1", node }: RelayerSettings = {},
  ): Promise<BusyRelayer> {
    await stage.kill("relayer", "SIGINT");
    const name = `relayer-${randomUUID().slice(0, 8)}`;
    const settings = {
      spending_limit: spendingLimit,
      folder: `${FOLDER}/${name}`,
      ...(node === undefined ? {} : { rpc_urls: [node] }),
    };
    let text = readFileSync(join(ROOT, FOLDER, "relayer.toml"), "utf8");
    for (const [key, value] of Object.entries(settings))
      text = text.replace(new RegExp(`^${key} = .*$`, "m"), `${key} = ${JSON.stringify(value)}`);
    writeFileSync(join(ROOT, FOLDER, `${name}.toml`), text);
    const words = ["relayer", "--config", `${FOLDER}/${name}.toml`];
    const service = await startOwnService(stage, name, words);
    try {
      await (await prometheusOf(stage)).sees("relayer");
    } catch (error) {
      await service.stop();
      throw error;
    }
    return new BusyRelayer(stage, service);
  }

  /** Hands a proof's file over; gives the submission's id. */
  async submit(proof: string): Promise<string> {
    const answer = await this.#ask("/v1/submissions", {
      method: "POST",
      body: readFileSync(join(ROOT, proof), "utf8"),
      headers: { "content-type": "application/json", "idempotency-key": proof },
    });
    return (answer as { readonly id: string }).id;
  }

  /** Waits until a submission stands so. @throws CheckError when it does not come to that, or failed. */
  async until(id: string, so: (submission: Submission) => boolean): Promise<void> {
    const last = performance.now() + PATIENCE_MS;
    for (;;) {
      const submission = (await this.#ask(`/v1/submissions/${id}`)) as Submission;
      if (so(submission)) return;
      if (submission.state === "failed" || performance.now() > last)
        throw new CheckError(`submission ${id}: ${JSON.stringify(submission)}`);
      await sleep(200);
    }
  }

  /** Hands a proof's file over, and waits until it is attested for good. */
  async attest(proof: string): Promise<void> {
    await this.until(await this.submit(proof), isFinal);
  }

  stop(): Promise<void> {
    return this.#service.stop();
  }

  async #ask(path: string, init: RequestInit = {}): Promise<unknown> {
    const token = readFileSync(join(ROOT, FOLDER, "token"), "utf8").trim();
    const answer = await fetch(`${this.#stage.env.RELAYER}${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${token}` },
    });
    const text = await answer.text();
    if (!answer.ok) throw new CheckError(`${path}: ${text}`);
    return JSON.parse(text);
  }
}

export const isFinal = ({ state }: Submission): boolean => state === "final";
