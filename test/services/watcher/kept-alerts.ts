import type { Alert, Alerts } from "../../../src/ops/alerts/index.ts";

/** Alerts kept in memory, as {@link Alerts} keeps them; everything that it took in is in `told`. */
export class KeptAlerts implements Pick<Alerts, "raise" | "active"> {
  readonly told: Alert[] = [];
  readonly #active = new Map<string, Alert>();
  /** Set to fail, as a full disk does. */
  broken = false;

  async raise(alerts: readonly Alert[]): Promise<void> {
    if (this.broken) throw new Error("the disk is full");
    for (const alert of alerts) {
      const over = alert.phase === "resolved" || alert.phase === "retracted";
      const known = this.#active.get(alert.key);
      if (over ? known === undefined : known?.phase === alert.phase) continue;
      this.told.push(alert);
      if (over) this.#active.delete(alert.key);
      else this.#active.set(alert.key, alert);
    }
  }

  active(): readonly Alert[] {
    return [...this.#active.values()];
  }

  /** `RULE phase` of all that was told, or of one rule. */
  lines(rule?: string): string[] {
    const some = rule === undefined ? this.told : this.told.filter((each) => each.rule === rule);
    return some.map((each) => `${each.rule} ${each.phase}`);
  }
}
