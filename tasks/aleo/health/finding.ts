/** One line of the page. */
export interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly text: string;
  /** What a person does when it is wrong. */
  readonly next?: string;
}
