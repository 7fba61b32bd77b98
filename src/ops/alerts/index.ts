export type { Acknowledgement, Alert, AlertPhase, Sink } from "./alert.ts";
export type {
  AlertFigures,
  AlertRecord,
  Alerts,
  AlertsOptions,
  DeliveryTry,
  SinkFigures,
} from "./alerts.ts";
export { countDeadLetters, type DeadLetter, deadLetterFolder, deadLetters } from "./dead-letters.ts";
export type { Finding, Probe } from "./finding.ts";
export { type HistoryEntry, type Period, readHistory } from "./history.ts";
export { openAlerts } from "./open.ts";
export { isFor } from "./records.ts";
export { RetryLater } from "./retry-later.ts";
export { type Silence, type SilenceRequest, silencedUntil } from "./silence.ts";
export { type AlertSummary, type RuleSummary, type SinkSummary, summarise } from "./summary.ts";
