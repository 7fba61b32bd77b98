import { RULES } from "../../../src/ops/monitors/index.ts";
import type { Runbook } from "../../../src/ops/runbooks/index.ts";
import type { Need, SuiteResult } from "../../test/results.ts";
import { isThere } from "../is-there.ts";
import { type Fault, loadFault } from "./fault.ts";
import { closePrometheus, PROMETHEUS, prometheusOf } from "./prometheus.ts";
import type { Stage } from "./stage.ts";

type Inputs = Readonly<Record<string, string>>;

/** A fault that was put in. */
export interface PutIn {
  /** Ms since 1970, before it was begun. */
  readonly since: number;
  /** The page's, as the alert's labels would name them. */
  readonly inputs: Inputs;
}

/** Whether Prometheus alone tells of the page's rule. */
export function isTimed({ name }: Runbook, fault: Fault | undefined): boolean {
  const rule = RULES.find(({ id }) => id === name);
  return rule?.source.kind === "metric" && fault !== undefined;
}

/** Its place among other pages: faults that concern nobody else have made their alerts by the time the others are over. */
export function placeOf(page: Runbook, fault: Fault | undefined): number {
  if (!isTimed(page, fault)) return 0;
  return fault?.beside === true ? 2 : 1;
}

/** What a page wants for its alert that this machine lacks. */
export function missingForAlert(page: Runbook, fault: Fault | undefined): Need | undefined {
  return isTimed(page, fault) && !isThere(PROMETHEUS.command) ? PROMETHEUS : undefined;
}

interface Shared {
  readonly fault: Fault;
  readonly pages: readonly Runbook[];
  putIn?: Promise<PutIn>;
}

/**
 * Puts faults in and clears them away. What Prometheus has to notice takes seconds, so there a fault that several pages are about
 * is put in once, before the first, and cleared after the last; and that an alert ends is awaited while other pages go on.
 */
export class PageFaults {
  readonly #stage: Stage;
  /** By the fault's name. */
  readonly #shared = new Map<string, Shared>();
  readonly #ended: Promise<SuiteResult>[] = [];

  private constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Starts Prometheus where a page wants it: it has to have seen how things were before. */
  static async of(pages: readonly Runbook[], stage: Stage): Promise<PageFaults> {
    const faults = new PageFaults(stage);
    for (const page of pages) {
      if (page.fault === undefined) continue;
      const fault = await loadFault(page.fault);
      if (!isTimed(page, fault) || missingForAlert(page, fault) !== undefined) continue;
      const others = faults.#shared.get(page.fault)?.pages ?? [];
      faults.#shared.set(page.fault, { fault, pages: [...others, page] });
    }
    if (faults.#shared.size > 0) await prometheusOf(stage);
    return faults;
  }

  /** Puts in the fault of a page, unless it is there already. */
  async putIn(page: Runbook, fault: Fault | undefined): Promise<PutIn> {
    const shared = this.#sharedBy(page);
    if (shared === undefined) {
      await fault?.before?.(this.#stage);
      return await putInNow(fault, this.#stage);
    }
    const all = [...this.#shared.values()];
    if (all.every(({ putIn }) => putIn === undefined)) {
      await (await prometheusOf(this.#stage)).sees("sequencer");
      const beside = all.filter((each) => each.fault.beside === true);
      await Promise.allSettled(beside.map((each) => this.#once(each)));
    }
    return await this.#once(shared);
  }

  /** Takes away what a page's fault left, once no other page is about it. */
  async clear(page: Runbook, fault: Fault | undefined): Promise<void> {
    const shared = this.#sharedBy(page);
    if (shared !== undefined && shared.pages.at(-1)?.name !== page.name) return;
    await fault?.clear?.(this.#stage);
    for (const each of shared?.pages ?? []) this.#ended.push(this.#alertEnds(each, shared?.fault));
  }

  /** Waits until all alerts that were awaited are over, and ends Prometheus. One that is not is a failure. */
  async close(): Promise<SuiteResult[]> {
    try {
      return await Promise.all(this.#ended);
    } finally {
      await closePrometheus(this.#stage);
    }
  }

  #sharedBy({ name, fault = "" }: Runbook): Shared | undefined {
    const shared = this.#shared.get(fault);
    return shared?.pages.some((page) => page.name === name) ? shared : undefined;
  }

  #once(shared: Shared): Promise<PutIn> {
    shared.putIn ??= this.#quietly(shared);
    return shared.putIn;
  }

  /** Alerts that come now are of this fault. */
  async #quietly({ fault, pages }: Shared): Promise<PutIn> {
    await fault.before?.(this.#stage);
    const prometheus = await prometheusOf(this.#stage);
    await Promise.all(pages.map(({ name }) => prometheus.quiet(name, fault.alertLabels)));
    return await putInNow(fault, this.#stage);
  }

  async #alertEnds({ name }: Runbook, fault: Fault | undefined): Promise<SuiteResult> {
    const prometheus = await prometheusOf(this.#stage);
    const failures = await prometheus.ends(name, fault?.alertLabels).then(
      () => [],
      (error: unknown) => [{ title: name, detail: String(error) }],
    );
    return { passed: 0, failures, skips: [] };
  }
}

async function putInNow(fault: Fault | undefined, stage: Stage): Promise<PutIn> {
  const since = Date.now();
  return { since, inputs: (await fault?.inject(stage)) ?? {} };
}
