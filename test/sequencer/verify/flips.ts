/** A row with one bit changed. */
export interface Flip<Row> {
  readonly column: string;
  /** Which byte of the column. */
  readonly at: number;
  readonly changed: Row;
}

/** Bytes that integers take in the database. */
const WIDTHS: Readonly<Record<string, number>> = { ves_version: 2, payload_kind: 2, receipt_key_id: 4 };

/** Every byte of every column of a row, flipped in turn as whoever owns the database could. Null takes no byte. */
export function* flipsOf<Row extends object>(
  row: Row,
  { except = [] }: { except?: readonly string[] } = {},
): Generator<Flip<Row>> {
  for (const [column, value] of Object.entries(row)) {
    if (except.includes(column)) continue;
    for (const [at, changed] of flippedValues(column, value))
      yield { column, at, changed: { ...row, [column]: changed } };
  }
}

function* flippedValues(column: string, value: unknown): Generator<[number, unknown]> {
  if (value instanceof Uint8Array) {
    for (let at = 0; at < value.length; at++)
      yield [at, Uint8Array.from(value, (byte, i) => (i === at ? byte ^ (1 << (at % 8)) : byte))];
  } else if (typeof value === "bigint") {
    for (let at = 0; at < 8; at++) yield [at, BigInt.asIntN(64, value ^ (1n << BigInt(8 * at + (at % 8))))];
  } else if (typeof value === "number") {
    for (let at = 0; at < (WIDTHS[column] ?? 4); at++) yield [at, value ^ (1 << (8 * at))];
  } else if (typeof value === "string") {
    // The lowest bit of a hex digit, a decimal digit or a letter gives another one, so the type still takes it.
    const bytes = Buffer.from(value);
    for (let at = 0; at < bytes.length; at++) {
      if (value[at] === "-" && /^[0-9a-f-]{36}$/.test(value)) continue;
      const changed = Buffer.from(bytes);
      changed[at] = (bytes[at] ?? 0) ^ 1;
      yield [at, changed.toString()];
    }
  }
}
