import { UnavailableError } from "../../core/errors.ts";
import { DATA_KEY_DESTROYED } from "../at-rest/index.ts";
import { sqlState } from "../store/index.ts";
import { Refusal } from "./refusal.ts";

/** What a failed transaction means for those who wait for it. */
export type Fault =
  /** Whether it was committed nobody knows; the next try finds out. */
  | "unknown outcome"
  /** It was rolled back, and may go well the next time. */
  | "again"
  /** It was rolled back: a data key was destroyed that something in it was sealed with. */
  | "key destroyed"
  /** The database will not have what was to be written. */
  | "bad data"
  /** None of this. */
  | "other";

/** Classes of SQLSTATE: connection lost; shut down by an operator; out of resources (a full disk) or system errors. */
const LOST = /^(?:08|57P|53|58)/;
const AGAIN = new Set(["40001", "40P01", "55P03", "25P03"]);
const BAD_DATA = /^(?:22|23|54)/;

/** Sorts what a transaction rejected with. */
export function faultOf(error: unknown): Fault {
  if (error instanceof UnavailableError) return "unknown outcome";
  const state = sqlState(error);
  if (state === undefined) return "other";
  if (LOST.test(state)) return "unknown outcome";
  if (AGAIN.has(state)) return "again";
  if (state === DATA_KEY_DESTROYED) return "key destroyed";
  return BAD_DATA.test(state) ? "bad data" : "other";
}

/** The answer when it is not known whether an event has its place: sending the very same event again finds out. */
export function unavailable(cause: unknown): Refusal {
  const detail = "the database does not answer; send the very same event again, which cannot make it twice";
  return new Refusal("unavailable", detail, { retryAfter: 2, cause });
}

/** A Refusal for whatever stopped an event; what is none of ours passes unchanged. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof Refusal) return error;
  switch (faultOf(error)) {
    case "unknown outcome":
    case "again":
    case "key destroyed":
      return unavailable(error);
    case "bad data":
      return new Refusal("event-malformed", "the database cannot hold the event's text", { cause: error });
    default:
      return error;
  }
}
