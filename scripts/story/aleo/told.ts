/** What the story's ledger process says, in one line of JSON, when it is done. */
export interface AleoTold {
  /** Where the ledger listens. */
  readonly url: string;
  readonly address: string;
  /** Transactions. */
  readonly registration: string;
  readonly execution: string;
  /** As the registry proved it from metrics that it does not show. */
  readonly score: number;
  /** Microcredits that the registry holds. */
  readonly stake: string;
  readonly trust: number;
}

/** The story's agent on Aleo: the name of its key there. */
export const ALEO_KEY = "treasury-aleo";
