import type { AlertFigures } from "../../ops/alerts/index.ts";

/**
 * Why nobody can be told: every sink there is has let something wait for too long, and took nothing in that time.
 *
 * @param limit Seconds.
 * @param now Milliseconds since 1970.
 * @returns One sentence; none while some sink takes what it gets, or has nothing to take.
 */
export function blockedWayOut({ sinks }: Pick<AlertFigures, "sinks">, limit: number, now: number): string[] {
  const all = Object.values(sinks);
  const blocked = all.every(
    ({ queued, oldest, lastDelivered }) =>
      queued > 0 &&
      oldest > limit &&
      (lastDelivered === undefined || now - Date.parse(lastDelivered) > limit * 1000),
  );
  if (all.length === 0 || !blocked) return [];
  const waits = Math.max(...all.map(({ oldest }) => oldest));
  return [`nobody can be told: no sink takes anything, and an alert waits for ${waits} s`];
}
