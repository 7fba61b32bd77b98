import type { Command } from "commander";
import type { TypedOptions } from "../monitors/render.ts";
import type { ListOptions } from "../monitors/rules.ts";
import type { SyncOptions } from "../monitors/sync.ts";

type Printed<T> = T & { readonly json?: boolean };
const JSON_OPTION = ["--json", "print the result as JSON"] as const;
const TARGETS =
  "prometheus, alertmanager, grafana (the same for everybody), oz-monitor or defender (of a deployment)";

/** `proofx monitors list|explain|render|diff|sync` */
export function addMonitors(proofx: Command): void {
  const monitors = proofx
    .command("monitors")
    .description("The rules of what somebody must hear of, and what other systems are told of them");
  monitors
    .command("list")
    .description("All rules, with severity and what each stands on")
    .option("--area <name>", "only those of an area, e.g. access, pause, streams, services, aleo")
    .option("--severity <severity>", "only critical, high, medium or low ones")
    .option(...JSON_OPTION)
    .action(async ({ json, ...options }: Printed<ListOptions>) => {
      const [{ listRules }, { print }] = await Promise.all([
        import("../monitors/rules.ts"),
        import("../output.ts"),
      ]);
      print(listRules(options), json);
    });
  monitors
    .command("explain <rule>")
    .description("One rule: what it stands on, how soon somebody acts, what ends it, and its page")
    .option(...JSON_OPTION)
    .action(async (id: string, { json }: Printed<object>) => {
      const [{ explainRule }, { print }] = await Promise.all([
        import("../monitors/rules.ts"),
        import("../output.ts"),
      ]);
      print(explainRule(id), json);
    });
  addFiles(monitors);
  addSync(monitors);
}

function addFiles(monitors: Command): void {
  ofADeployment(
    monitors
      .command("render")
      .description("What another system reads as its configuration, made from the rules")
      .option("--target <name>", `${TARGETS}; the first three without it`)
      .option("--out <folder>", "make this folder hold the files, and no left over ones; printed without it"),
  )
    .option(...JSON_OPTION)
    .action(async ({ json, ...options }: Printed<TypedOptions>) => {
      const [{ renderFiles }, { print }] = await Promise.all([
        import("../monitors/render.ts"),
        import("../output.ts"),
      ]);
      print(await renderFiles(options), json);
    });
  account(
    ofADeployment(
      monitors
        .command("diff")
        .description("Where a folder, or an account of Defender, is not as the rules say; exit code 1 then")
        .option("--target <name>", `${TARGETS}; the first three without it`)
        .option("--out <folder>", "the folder that was rendered into (infra/monitoring)"),
    ),
  )
    .option(...JSON_OPTION)
    .action(async ({ json, ...options }: Printed<SyncOptions>) => {
      const { print } = await import("../output.ts");
      const differs =
        options.endpoint === undefined
          ? (await import("../monitors/render.ts")).diffFolder(options)
          : (await import("../monitors/sync.ts")).diffDefender(options);
      print(await differs, json);
    });
}

function addSync(monitors: Command): void {
  account(ofADeployment(monitors.command("sync")))
    .description(
      "Make an account of Defender hold the rules' monitors: shows what it would create, update and delete. " +
        "Monitors of others are left alone",
    )
    .option("--apply", "do it; the same again does nothing")
    .option(...JSON_OPTION)
    .addHelpText(
      "after",
      "\nOpenZeppelin's hosted service closed on 1 July 2026; this is for an endpoint that speaks its API (docs/monitors.md).",
    )
    .action(async ({ json, ...options }: Printed<SyncOptions>) => {
      const [{ syncDefender }, { print, note }] = await Promise.all([
        import("../monitors/sync.ts"),
        import("../output.ts"),
      ]);
      print(await syncDefender(options, note), json);
    });
}

function ofADeployment(command: Command): Command {
  return command
    .option("--deployment <file>", "deployment file of the contracts that oz-monitor and defender watch")
    .option("--confirmations <blocks>", "blocks on top of an event's until it is told (12)")
    .option("--block-time <seconds>", "between two blocks of the chain (12)")
    .option("--channel <name>", "how OpenZeppelin Monitor tells: webhook, slack or discord (webhook)")
    .option("--defender-network <name>", "Defender's name of the network, where the chain id does not tell");
}

function account(command: Command): Command {
  return command
    .option("--endpoint <url>", "an API that is as Defender's v2 was")
    .option("--credentials <file>", "its KEY:SECRET, in a file of mode 0600")
    .option("--notify <id...>", "notification channels of the account, by id");
}
