import { duration } from "../checks/support/table.ts";
import type { SuiteRun } from "./run-suite.ts";

const MARK = /✔/g;
/** Without a terminal a long suite says once a minute that it is alive. */
const HEARTBEAT_SECONDS = 60;

const running = new Set<Progress>();

/** Shows a running suite: all that run share a line rewritten each second on a terminal; lines at start and end elsewhere. */
export class Progress implements Disposable {
  readonly #label: string;
  readonly #started = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #live = process.stdout.isTTY === true;
  #done = 0;

  constructor(label: string) {
    this.#label = label;
    running.add(this);
    if (!this.#live) console.log(`${label} ...`);
    this.#timer = setInterval(() => this.#tick(), this.#live ? 1000 : HEARTBEAT_SECONDS * 1000);
  }

  /** Takes what the suite prints; each of mocha's check marks is a test done. */
  take(text: string): void {
    this.#done += text.match(MARK)?.length ?? 0;
  }

  end({ result, seconds }: SuiteRun): void {
    if (this.#live) process.stdout.write("\r\x1b[K");
    const verdict = result.failures.length === 0 ? "ok" : `${result.failures.length} FAILED`;
    const skipped = result.skips.length === 0 ? "" : `, ${result.skips.length} skipped`;
    console.log(`${this.#label}  ${verdict}: ${result.passed} passed${skipped}, ${duration(seconds)}`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    running.delete(this);
  }

  #tick(): void {
    if (this.#live) {
      const lines = [...running].map((progress) => progress.#line());
      process.stdout.write(`\r\x1b[K${lines.join("    ")}`);
    } else console.log(this.#line());
  }

  #line(): string {
    const elapsed = duration((performance.now() - this.#started) / 1000);
    return `${this.#label}  ${elapsed}, ${this.#done} tests so far`;
  }
}
