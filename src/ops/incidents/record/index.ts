/** Records of incidents: opened, noted, notified, closed, reported (docs/incidents.md). */

export { type Affected, type AnsweredIncident, affectedBy, readAnswered } from "./affected.ts";
export { INCIDENT_RULE, incidentAlert, messageAlert } from "./alert.ts";
export { chainMoments } from "./chain-moments.ts";
export { reportHtml } from "./html.ts";
export { reportPdf } from "./pdf.ts";
export { eventTypeOf, type IncidentLog, type Published, publish } from "./publish.ts";
export {
  addEntry,
  type EntryKind,
  type IncidentEntry,
  type IncidentRecord,
  isClosed,
  listRecords,
  openRecord,
  readRecord,
  type Saying,
} from "./record.ts";
export { type ReportParts, reportMarkdown } from "./report.ts";
export { CLASSES, duration, type Response, responseOf } from "./response.ts";
export {
  type IncidentLogSettings,
  type IncidentSettings,
  incidentsSection,
  readIncidentSettings,
} from "./settings.ts";
export { alertMoments, answerMoments, type Moment, recordMoments, timelineOf } from "./timeline.ts";
