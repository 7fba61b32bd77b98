export { alertsSection } from "./alerts.ts";
export { dependenciesSection, docsSection, securitySection } from "./checkout.ts";
export { attestationFigures, contractAudit } from "./contracts.ts";
export { healthSection, partSection } from "./health.ts";
export { figuresOf, parseMetrics, performanceSection, quantileOf, type Sample } from "./performance.ts";
export {
  markdownOf,
  REPORT_DAYS,
  REPORT_KINDS,
  type Report,
  type ReportFact,
  type ReportKind,
  type ReportSection,
  reportOf,
} from "./report.ts";
