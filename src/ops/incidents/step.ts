import type { Change } from "../../chain/change.ts";

/** Who acts in an incident; each is a key of its own, or an account elsewhere that is handed unsigned calldata. */
export type Duty = "admin" | "guardian" | "deployer";

/** What a step leaves: lines for a person, data for machines and for later steps. Never a secret. */
export interface StepRecord {
  readonly lines: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
}

/** How steps reach the world; a task or a service hands it in. */
export interface Hands {
  /**
   * Shows changes, has them made, and reads the chain afterwards. Makes nothing where the chain is already so. Several do not
   * depend on each other: each is tried, also when one before it was refused.
   *
   * @throws {@link Awaiting} when somebody else has to send them first; otherwise the first refusal.
   */
  apply(change: Change | readonly Change[], duty: Duty): Promise<StepRecord>;
  /** A line of progress. */
  note(line: string): void;
  /** How long to wait for a delay of the timelock (s); a longer one ends the run, which goes on when run again. */
  readonly patience: number;
}

/**
 * One act of an incident. Running it again is harmless: it looks at the world first, because the process may have died
 * after the act and before it was written down.
 */
export interface IncidentStep {
  /** Stable: the state file names it. */
  readonly id: string;
  readonly title: string;
  /** Steps after it do not wait for it: containment must not stop because one of several people is away. */
  readonly independent?: boolean;
  run(): Promise<StepRecord>;
  /**
   * Whether what was done before still holds; without it, what is done is done. A reorganisation, or somebody else, can
   * undo a step that the state has as done; it is then taken again.
   */
  stands?(): Promise<boolean>;
}

/** The incident cannot go on now: a multisig has to send something, or a delay has to pass. No error. */
export class Awaiting extends Error {
  readonly lines: readonly string[];

  constructor(what: string, lines: readonly string[]) {
    super(what);
    this.name = "Awaiting";
    this.lines = lines;
  }
}
