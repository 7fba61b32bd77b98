/** To a host: one command line, run by Hardhat's own command line. */
export interface Run {
  /** What stands after `npx hardhat`. */
  readonly args: readonly string[];
  /** Variables of this command besides those of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Printed to both streams once the command has ended; no command can have printed it. */
  readonly mark: string;
}

/** From a host, after the marks. */
export interface Ended {
  readonly exitCode: number;
}
