/** What was refused and what was administered, in the operator's stream. */
export { ACTS, type ActsParts, recordActs } from "./acts.ts";
export { EVENT_CAUSES, isRefusalCause, REFUSAL_CAUSES, type RefusalCause } from "./causes.ts";
export {
  EVENTS_PER_FLUSH,
  REFUSALS,
  RefusalLedger,
  type RefusalLedgerParts,
  type RefusalNote,
} from "./refusals.ts";
