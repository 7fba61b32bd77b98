/** Options that several commands have, in the same words. */
export const CONFIG = [
  "--config <file>",
  "configuration file; PROOFX_CONFIG or config/proofx.toml without it",
] as const;
export const JSON_FLAG = ["--json", "print the result as JSON"] as const;

export interface Json {
  readonly json?: boolean;
}
