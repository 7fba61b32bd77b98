/** Every probe there may be, by the name that rules give it, and what its subjects are. */
export const PROBES = {
  paused: "the verifier",
  "guardian-pause-ending": "the verifier",
  "timelock-ready": "an operation's id",
  "anchor-late": "a stream's id",
  "heads-apart": "a stream's id",
  "keys-due": "a key's name",
  "backups-missing": "a kind of backup",
  "balance-low": "an account's name",
  "witness-silent": "a witness's name",
  "subgraph-lag": "the subgraph",
  "certificate-expiry": "a certificate's name",
  disk: "a folder",
  "clock-skew": "a clock",
  "dead-letters": "the alerts' folder",
  "rpc-disagree": "an endpoint's number",
  "service-down": "a service's name",
  "aleo-failure-rate": "the ledger",
  "aleo-response-time": "the ledger",
  "aleo-confirmation-time": "the ledger",
  "aleo-activity": "the ledger",
  "aleo-paused": "a program's id",
  "aleo-stalled": "the ledger",
  /** The watcher's own: what it follows. */
  "detection-stalled": "a source",
} as const;

export type ProbeName = keyof typeof PROBES;
