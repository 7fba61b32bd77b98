import { InputError } from "../core/errors.ts";
import { isFieldElement, PUBLIC_SIGNALS, type PublicSignals, publicSignals } from "../core/facts/index.ts";

/** A proof's signals by name, from the circuit's order. */
export function namedSignals(signals: readonly string[]): PublicSignals {
  const values = requireSignals(signals);
  return Object.fromEntries(PUBLIC_SIGNALS.map((name, i) => [name, values[i]])) as unknown as PublicSignals;
}

/** Signals as snarkjs takes them: decimal strings in the circuit's order. */
export function signalTexts(signals: readonly string[] | PublicSignals): string[] {
  const values = Array.isArray(signals) ? requireSignals(signals) : publicSignals(signals as PublicSignals);
  return requireSignals(values.map(String)).map(String);
}

/** A signal of the order or more would be reduced, and one statement would have several encodings. */
function requireSignals(signals: readonly unknown[]): bigint[] {
  if (signals.length !== PUBLIC_SIGNALS.length) {
    throw InputError.expected("public signals", `${PUBLIC_SIGNALS.length}`, signals.length);
  }
  return signals.map((text, i) => {
    const value = typeof text === "string" && /^\d{1,77}$/.test(text) ? BigInt(text) : undefined;
    if (value === undefined || !isFieldElement(value)) {
      throw InputError.expected(
        `public signal ${PUBLIC_SIGNALS[i]}`,
        "a decimal below the field's order",
        text,
      );
    }
    return value;
  });
}
