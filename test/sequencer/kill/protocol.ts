import type { Json } from "../../../src/core/json.ts";

/** Where a child finds its database and its keys. */
export interface ChildSettings {
  /** The embedded database's folder, used without `url`. */
  readonly folder: string;
  readonly url?: string;
  readonly keys: string;
  readonly passphraseFile: string;
  /** An API key of the one tenant, good for everything: for whoever asks over HTTP. */
  readonly credential: string;
}

/** An event to append. */
export interface Request {
  readonly tenant: string;
  readonly storeId: string;
  readonly event: Json;
}

/** What became of it: acknowledged by a receipt, or refused by a code. */
export type Outcome = { readonly receipt: Json } | { readonly refused: string };

/** Both as they go between two processes. */
export type Asked = Request & { readonly id: number };
export type Answer = Outcome & { readonly id: number };
