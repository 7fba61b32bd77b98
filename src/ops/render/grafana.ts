import { buildDashboard } from "./grafana/build.ts";
import type { DashboardData } from "./grafana/panels.ts";
import { PERFORMANCE } from "./grafana/performance.ts";
import { PROTOCOL } from "./grafana/protocol.ts";
import { SECURITY } from "./grafana/security.ts";
import type { RenderedFile } from "./rendered.ts";

export const DASHBOARDS: readonly DashboardData[] = [PERFORMANCE, SECURITY, PROTOCOL];

/** The dashboards, as Grafana's import takes them. */
export function renderGrafana(): RenderedFile[] {
  return DASHBOARDS.map((dashboard) => ({
    path: `grafana/${dashboard.uid}.json`,
    text: `${JSON.stringify(buildDashboard(dashboard), null, 2)}\n`,
  }));
}
