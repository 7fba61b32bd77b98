import { duration } from "../checks/support/table.ts";
import type { SuiteRun } from "./run-suite.ts";

const MARK = /✔/g;
/** Without a terminal a long suite says once a minute that it is alive. */
const HEARTBEAT_SECONDS = 60;

/** Shows one running suite: a line rewritten each second on a terminal, lines at start and end elsewhere. */
export class Progress implements Disposable {
  readonly #label: string;
  readonly #started = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #live = process.stdout.isTTY === true;
  #done = 0;

  constructor(label: string) {
    this.#label = label;
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
  }

  #tick(): void {
    const elapsed = duration((performance.now() - this.#started) / 1000);
    const line = `${this.#label}  ${elapsed}, ${this.#done} tests so far`;
    if (this.#live) process.stdout.write(`\r\x1b[K${line}`);
    else console.log(line);
  }
}
