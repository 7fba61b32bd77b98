import type { Acknowledgement, Alert, Sink } from "../../../src/ops/alerts/index.ts";

export const START = Date.parse("2026-11-21T20:00:00Z");

/** A role granted: an event on a chain. */
export function anAlert(more: Partial<Alert> = {}): Alert {
  return {
    key: "RoleGranted/31337/0xabc/0",
    rule: "RoleGranted",
    severity: "critical",
    phase: "open",
    summary: "SIGNER_ROLE was granted to 0x90F79bf6EB2c4f870365E785982E1f101E93b906",
    since: "2026-11-21T19:59:00.000Z",
    labels: { contract: "ProofXVerifier", role: "SIGNER_ROLE" },
    details: { block: "17", transaction: "0xabc" },
    runbook: "docs/runbooks/RoleGranted.md",
    ...more,
  };
}

/** Stands for a receiver: writes down what it is sent, and fails as it is told. */
export class RecordingSink implements Sink {
  readonly name: string;
  /** `PHASE KEY`, or `acknowledged by WHO KEY`, in the order of arrival. */
  readonly got: string[] = [];
  readonly alerts: Alert[] = [];
  /** Thrown by the tries to come, one after the other. */
  readonly faults: Error[] = [];
  /** Thrown by all tries while it is set. */
  down: Error | undefined;
  /** Keys of all tries. */
  readonly tried: string[] = [];
  onlyCritical = false;

  constructor(name = "pager") {
    this.name = name;
  }

  takes({ severity }: Pick<Alert, "severity">): boolean {
    return !this.onlyCritical || severity === "critical";
  }

  async deliver(alert: Alert): Promise<void> {
    this.#try(alert);
    this.got.push(`${alert.phase} ${alert.key}`);
    this.alerts.push(alert);
  }

  async acknowledge(alert: Alert, { by }: Acknowledgement): Promise<void> {
    this.#try(alert);
    this.got.push(`acknowledged by ${by} ${alert.key}`);
  }

  #try({ key }: Alert): void {
    this.tried.push(key);
    const fault = this.down ?? this.faults.shift();
    if (fault !== undefined) throw fault;
  }
}
