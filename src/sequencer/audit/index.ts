/** What was refused, in the operator's stream. */
export { EVENT_CAUSES, isRefusalCause, REFUSAL_CAUSES, type RefusalCause } from "./causes.ts";
export {
  EVENTS_PER_FLUSH,
  REFUSALS,
  RefusalLedger,
  type RefusalLedgerParts,
  type RefusalNote,
} from "./refusals.ts";
