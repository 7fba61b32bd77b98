import { fromHex } from "../../core/bytes.ts";
import { CheckError } from "../../core/errors.ts";
import type { BackupRow } from "./format.ts";

/** Reads values of one table's rows by the names of their columns. */
export class Columns {
  readonly #table: string;
  readonly #places: ReadonlyMap<string, number>;

  /** @param names The columns in the order of the rows. */
  constructor(table: string, names: readonly string[]) {
    this.#table = table;
    this.#places = new Map(names.map((name, i) => [name, i]));
  }

  /** Null where the database has null. */
  text(row: BackupRow, column: string): string | null {
    const place = this.#places.get(column);
    if (place === undefined) throw new CheckError(`${this.#table}: it has no column ${column}`);
    return row[place] ?? null;
  }

  some(row: BackupRow, column: string): string {
    const text = this.text(row, column);
    if (text === null) throw new CheckError(`${this.#table}.${column}: expected a value, got null`);
    return text;
  }

  int(row: BackupRow, column: string): bigint {
    const text = this.some(row, column);
    if (!/^-?\d{1,20}$/.test(text)) throw new CheckError(`${this.#table}.${column}: expected an integer`);
    return BigInt(text);
  }

  bytes(row: BackupRow, column: string): Uint8Array {
    return fromHex(`${this.#table}.${column}`, this.some(row, column).replace(/^\\x/, "0x"));
  }
}
