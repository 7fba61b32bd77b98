import type { Json } from "../../../src/core/json.ts";

/** Where a child finds its database and its keys. */
export interface ChildSettings {
  /** The embedded database's folder, used without `url`. */
  readonly folder: string;
  readonly url?: string;
  readonly keys: string;
  readonly passphraseFile: string;
}

/** An event to append. */
export interface Request {
  readonly id: number;
  readonly tenant: string;
  readonly storeId: string;
  readonly event: Json;
}

/** What became of it: acknowledged by a receipt, or refused by a code. */
export type Answer =
  | { readonly id: number; readonly receipt: Json }
  | { readonly id: number; readonly refused: string };
