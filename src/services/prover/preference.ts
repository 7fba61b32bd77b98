/**
 * How long a client will wait for an answer, by its `Prefer` header (RFC 7240): `wait=SECONDS`, or `respond-async` for not at
 * all. What is not understood is ignored, as that RFC has it.
 *
 * @returns Milliseconds; nothing when the client did not say.
 */
export function preferredWait(prefer: string | undefined): number | undefined {
  const preferences = (prefer ?? "").toLowerCase().split(",");
  const wait = preferences
    .map((each) => /^\s*wait\s*=\s*"?(\d{1,6})"?\s*(;|$)/.exec(each)?.[1])
    .find(Boolean);
  if (wait !== undefined) return Number(wait) * 1000;
  return preferences.some((each) => each.trim() === "respond-async") ? 0 : undefined;
}
