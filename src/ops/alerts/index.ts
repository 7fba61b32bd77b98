export type { Acknowledgement, Alert, AlertPhase, Sink } from "./alert.ts";
export type {
  AlertFigures,
  AlertRecord,
  Alerts,
  AlertsOptions,
  DeliveryTry,
  SinkFigures,
} from "./alerts.ts";
export type { Finding, Probe } from "./finding.ts";
export type { Silence, SilenceRequest } from "./silence.ts";
