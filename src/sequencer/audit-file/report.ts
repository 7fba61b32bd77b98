import { ProofXError } from "../../core/errors.ts";

/** One line of what an audit found. */
export interface Finding {
  /** `refused`: something in the file does not hold; then nothing of the file should be relied on. */
  readonly status: "proved" | "not proved" | "refused";
  readonly what: string;
  /** Of what is not proved: places in the file that nothing vouches for, e.g. `batches[0].anchor`. */
  readonly fields?: readonly string[];
}

/** Collects findings; a check that throws one of our errors becomes a refusal, and the audit goes on. */
export class Findings {
  readonly #all: Finding[] = [];

  /** In the order in which they were found. */
  get all(): readonly Finding[] {
    return this.#all;
  }

  get anyRefused(): boolean {
    return this.#all.some(({ status }) => status === "refused");
  }

  proved(what: string): void {
    this.#all.push({ status: "proved", what });
  }

  /** @param fields Places in the file that nothing vouches for. */
  notProved(what: string, fields: readonly string[] = []): void {
    this.#all.push({ status: "not proved", what, ...(fields.length === 0 ? {} : { fields }) });
  }

  refused(what: string): void {
    this.#all.push({ status: "refused", what });
  }

  /** Runs a check; what it throws is refused under `place`. @returns undefined then. */
  async check<T>(place: string, run: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof ProofXError)) throw error;
      this.refused(`${place}: ${error.message}`);
      return undefined;
    }
  }
}
