/** A value in a JSON document: the keys that lead to it. */
export type Place = readonly (string | number)[];

/** Every value of a document, inner ones too, the whole document left out. */
export function* places(value: unknown, at: Place = []): Generator<Place> {
  if (at.length > 0) yield at;
  if (value === null || typeof value !== "object") return;
  for (const [key, inner] of Object.entries(value))
    yield* places(inner, [...at, Array.isArray(value) ? Number(key) : key]);
}

/** The document with one scalar altered a little and still of its form; undefined for what is no scalar. */
export function altered<T>(document: T, place: Place): T | undefined {
  const old = valueAt(document, place);
  if (typeof old === "number") return replaced(document, place, old === 0 ? 1 : old - 1);
  if (typeof old !== "string" || old === "") return undefined;
  const i = Math.max(old.length - 2, 0);
  const was = old[i] ?? "";
  const next = /\d/.test(was)
    ? String((Number(was) + 1) % 10)
    : was === "b"
      ? "a"
      : was === "B"
        ? "A"
        : /[A-Z]/.test(was)
          ? "B"
          : "b";
  return replaced(document, place, old.slice(0, i) + next + old.slice(i + 1));
}

/** The document without one field or item. */
export function without<T>(document: T, place: Place): T {
  const copy = structuredClone(document);
  const holder = valueAt(copy, place.slice(0, -1)) as Record<string, unknown>;
  const key = place.at(-1) ?? "";
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[String(key)];
  return copy;
}

/** `a.b[0]` of a place. */
export const named = (place: Place): string =>
  place
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`))
    .join("")
    .slice(1);

function replaced<T>(document: T, place: Place, value: unknown): T {
  const copy = structuredClone(document);
  const holder = valueAt(copy, place.slice(0, -1)) as Record<string | number, unknown>;
  holder[place.at(-1) ?? ""] = value;
  return copy;
}

function valueAt(value: unknown, place: Place): unknown {
  return place.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value);
}
