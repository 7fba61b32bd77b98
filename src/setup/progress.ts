/** One report of a long task, sent when a step begins. */
export interface Progress {
  /** Name of the step, stable enough to key a display on. */
  readonly step: string;
  /** Steps finished before this one. */
  readonly done: number;
  readonly total: number;
  /** One sentence for a person. */
  readonly message: string;
}

export type OnProgress = (progress: Progress) => void;
