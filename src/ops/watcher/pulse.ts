import type { Finding, Probe } from "../alerts/index.ts";

interface Beat {
  /** Of the last round that went well, or of the beginning; milliseconds since 1970. */
  at: number;
  /** Why the last one did not. */
  trouble: string | undefined;
  /** Of the newest thing in the source, where it has a time. */
  newest: number | undefined;
}

/** Limits in seconds. */
export interface PulseLimits {
  /** For which a source may not have been followed. */
  readonly stallAfter: number;
  /** How old the newest block may be; without it a chain without blocks is fine, as a development chain is. */
  readonly blockAge?: number | undefined;
}

/** Whether each source is being followed: the watcher's own health. */
export class Pulse {
  readonly #limits: PulseLimits;
  readonly #now: () => number;
  readonly #beats = new Map<string, Beat>();

  constructor(limits: PulseLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Begins to count a source's time. */
  expect(source: string): void {
    this.#beats.set(source, { at: this.#now(), trouble: undefined, newest: undefined });
  }

  /** A round went well. @param newest Time of the newest thing, ms since 1970. */
  beat(source: string, newest?: number): void {
    const known = this.#beats.get(source);
    this.#beats.set(source, { at: this.#now(), trouble: undefined, newest: newest ?? known?.newest });
  }

  /** Something new was seen of a source, which does not say that it was followed. @param newest Its time, ms since 1970. */
  saw(source: string, newest: number): void {
    const beat = this.#beats.get(source);
    if (beat !== undefined) beat.newest = newest;
  }

  /** A round failed. */
  trouble(source: string, error: unknown): void {
    const beat = this.#beats.get(source);
    if (beat !== undefined) beat.trouble = error instanceof Error ? error.message : "unknown";
  }

  /** By source: when it was last followed (ms since 1970), and whether that is too long ago. */
  sources(): readonly { source: string; at: number; stalled: boolean }[] {
    return [...this.#beats].map(([source, beat]) => ({
      source,
      at: beat.at,
      stalled: this.#why(beat) !== undefined,
    }));
  }

  /** Why sources are not followed: one sentence each. */
  obstacles(): string[] {
    return this.findings().flatMap(({ breached, summary }) => (breached === true ? [summary] : []));
  }

  findings(): Finding[] {
    return [...this.#beats].map(([source, beat]): Finding => {
      const why = this.#why(beat);
      const value = Math.round((this.#now() - beat.at) / 1000);
      if (why === undefined)
        return { subject: source, breached: false, value, summary: `${source} is followed` };
      return { subject: source, breached: true, value, summary: `${source} ${why}` };
    });
  }

  /** A subject for each source. */
  probe(every: number): Probe {
    return { name: "detection-stalled", every, look: async () => this.findings() };
  }

  #why({ at, trouble, newest }: Beat): string | undefined {
    const { stallAfter, blockAge } = this.#limits;
    const seconds = (time: number): number => Math.round((this.#now() - time) / 1000);
    if (seconds(at) > stallAfter)
      return `was not followed for ${seconds(at)} s, at most ${stallAfter} are allowed (${trouble ?? "no answer"})`;
    if (blockAge !== undefined && newest !== undefined && seconds(newest) > blockAge)
      return `stands still: its newest block is ${seconds(newest)} s old, at most ${blockAge} are allowed`;
    return undefined;
  }
}
