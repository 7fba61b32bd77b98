export { openSinks } from "./open.ts";
export { type AlertsSettings, alertsSection, type SinkSettings } from "./settings.ts";
export { REPLAY_WINDOW, verifyWebhook, WEBHOOK_HEADERS } from "./webhook.ts";
