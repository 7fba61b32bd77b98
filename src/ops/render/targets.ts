import type { Deployment } from "../../chain/deployment.ts";
import { InputError } from "../../core/errors.ts";
import { RULES } from "../monitors/index.ts";
import type { Rule } from "../monitors/rule.ts";
import type { Channel } from "./oz-monitor/render.ts";
import type { RenderedFile } from "./rendered.ts";

/** Systems that are set up from the rules. */
export const TARGETS = ["prometheus", "alertmanager", "grafana", "oz-monitor", "defender"] as const;
export type Target = (typeof TARGETS)[number];

/** Those that are the same for everybody, and are committed; the others watch one deployment's contracts. */
export const SHARED = ["prometheus", "alertmanager", "grafana"] as const satisfies readonly Target[];

/** What a rendering may need to know beside the rules. */
export interface RenderOptions {
  /** What is watched. */
  readonly deployment: Deployment;
  /** Blocks on top of an event's own until it is told. */
  readonly confirmations: number;
  /** Between two blocks of the chain. */
  readonly blockSeconds: number;
  readonly channel: Channel;
  /** Defender's name of the network, where the chain id does not tell. */
  readonly defenderNetwork?: string;
}

/**
 * The files of a target. It loads what it needs when it is asked.
 *
 * @throws InputError without the deployment that a target watches.
 */
export async function renderTarget(
  target: Target,
  options?: RenderOptions,
): Promise<readonly RenderedFile[]> {
  if (target === "prometheus") return (await import("./prometheus.ts")).renderPrometheus();
  if (target === "alertmanager") return (await import("./alertmanager.ts")).renderAlertmanager();
  if (target === "grafana") return (await import("./grafana.ts")).renderGrafana();
  if (options === undefined)
    throw InputError.expected("--deployment", `a deployment file, which ${target} watches`, "nothing");
  const { deployment, confirmations, blockSeconds, channel, defenderNetwork } = options;
  if (target === "oz-monitor")
    return (await import("./oz-monitor/render.ts")).renderOzMonitor(RULES, {
      deployment,
      confirmations,
      blockSeconds,
      channel,
    });
  return (await import("./defender/monitors.ts")).renderDefender(RULES, {
    deployment,
    confirmations,
    ...(defenderNetwork === undefined ? {} : { network: defenderNetwork }),
  });
}

/** Who tells of a rule. */
export function tellersOf({ source }: Pick<Rule, "source">): ("watcher" | Target)[] {
  if (source.kind === "event") return ["watcher", "oz-monitor", "defender"];
  if (source.kind === "log" || source.kind === "aleo") return ["watcher"];
  return source.kind === "state" ? ["watcher", "prometheus"] : ["prometheus"];
}
