import { ProofXError } from "../../core/errors.ts";
import type { KeysSettings } from "../../keys/index.ts";
import type { Finding } from "../alerts/finding.ts";
import { agentKeyItem, type DueItem, serviceKeyItem } from "../rotation/due.ts";
import type { LogView } from "./log-view.ts";

type View = Pick<LogView, "url" | "store" | "serviceKeys" | "agents" | "agentKeys" | "timeOf">;
/** Says a key's standing under a name. */
type Tell = (subject: string, item: DueItem) => Finding;

/**
 * Keys that logs have, as their readers see them: each log's own, under `LOG PURPOSE NUMBER`, and agents' under
 * `STORE AGENT NUMBER`. Of agents' keys only those that are due, or soon, are told: a stream may have thousands.
 *
 * A log that does not answer is a finding of its own that nothing is known of, and so is each key that was told of it before: what was due
 * has not ended by that.
 */
export class LogKeys {
  readonly #views: readonly View[];
  readonly #schedule: KeysSettings["schedule"];
  /** What was told last, by part. */
  readonly #told = new Map<string, readonly string[]>();
  /** When a key was registered never changes; milliseconds since 1970, by stream and sequence number. */
  readonly #times = new Map<string, number>();

  constructor(views: readonly View[], schedule: KeysSettings["schedule"]) {
    this.#views = views;
    this.#schedule = schedule;
  }

  async look(now: Date, tell: Tell): Promise<Finding[]> {
    const findings: Finding[] = [];
    const urls = new Set<string>();
    for (const [index, view] of this.#views.entries()) {
      if (!urls.has(view.url))
        findings.push(
          ...(await this.#part(`the log's own keys, ${index + 1}`, () => this.#own(view, now, tell))),
        );
      urls.add(view.url);
      findings.push(
        ...(await this.#part(`agents' keys of ${view.store}`, () => this.#agents(view, now, tell))),
      );
    }
    return findings;
  }

  async #part(part: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
    try {
      const findings = await look();
      const told = findings.map(({ subject }) => subject);
      this.#told.set(part, told);
      return findings;
    } catch (error) {
      if (!(error instanceof ProofXError)) throw error;
      const summary = `cannot be found out: ${error.message}`;
      const subjects = [part, ...(this.#told.get(part) ?? [])];
      return subjects.map((subject) => ({ subject, breached: undefined, summary }));
    }
  }

  async #own(view: View, now: Date, tell: Tell): Promise<Finding[]> {
    const { log_name: name, keys } = await view.serviceKeys();
    return keys
      .filter(({ retired_at: retiredAt }) => retiredAt === null)
      .map(({ purpose, key_id: keyId, active_from: from }) => {
        const item = serviceKeyItem({ purpose, keyId, activeFrom: Date.parse(from) }, this.#schedule, now);
        return tell(`${name} ${item.name}`, item);
      });
  }

  async #agents(view: View, now: Date, tell: Tell): Promise<Finding[]> {
    const findings: Finding[] = [];
    for (const agent of await view.agents()) {
      for (const key of await view.agentKeys(agent)) {
        // The first event of a stream registers the log's own key, which is among the published ones.
        if (key.revoked_at !== null || key.registered_at <= 1n) continue;
        const registeredAt = await this.#timeOf(view, key.registered_at);
        const replacedBy = key.replaced_by ?? undefined;
        const item = agentKeyItem(
          { agent, keyId: key.key_id, registeredAt, replacedBy },
          this.#schedule,
          now,
        );
        if (item.status !== "ok") findings.push(tell(`${view.store} ${item.name}`, item));
      }
    }
    return findings;
  }

  /** A key whose event cannot be had counts as made in 1970, as one of [keys] does that says nothing. */
  async #timeOf(view: View, sequence: bigint): Promise<number> {
    const place = `${view.store} ${sequence}`;
    const known = this.#times.get(place);
    if (known !== undefined) return known;
    const time = await view.timeOf(sequence);
    if (time !== undefined) this.#times.set(place, time);
    return time ?? 0;
  }
}
