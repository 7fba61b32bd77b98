import type { Command } from "commander";
import type { SilenceOptions } from "../alerts/change.ts";

const CONFIG = "the configuration; PROOFX_CONFIG or config/proofx.toml without it";
const BY = "who you are, for the record; the system's user without it";
const LAST = "how far back: 90s, 30m, 24h, 7d";

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** `proofx alerts ...` */
export function addAlerts(proofx: Command): void {
  const alerts = proofx
    .command("alerts")
    .description("What is wrong, who was told, and what is silenced; docs/alerts.md has the sinks' settings");
  addLooks(alerts);
  addAnswers(alerts);
  addSilences(alerts);
  addDeadLetters(alerts);
  sub(alerts, "test", "Send a test to each sink, and its end; nothing is kept")
    .option("--sink <name>", "only this one; may be repeated", collect)
    .addHelpText("after", "\nExit code 1: a sink did not take it; the line says why.")
    .action(async (options: Options & { sink?: string[] }) =>
      (await import("../alerts/test.ts")).test(options),
    );
}

function addLooks(alerts: Command): void {
  sub(alerts, "list", "Alerts that are not over, the most urgent first").action(async (options: Options) =>
    (await import("../alerts/show.ts")).list(options),
  );
  sub(
    alerts,
    "summary",
    "What a period brought: alerts by rule, answered in time or late, what each sink was told",
  )
    .option("--last <duration>", LAST, "24h")
    .action(async (options: Options & { last: string }) =>
      (await import("../alerts/show.ts")).summary(options),
    );
  sub(
    alerts,
    "history",
    "Everything that happened, one line each: phases, deliveries, acknowledgements, silences",
  )
    .option("--last <duration>", LAST, "24h")
    .action(async (options: Options & { last: string }) =>
      (await import("../alerts/show.ts")).history(options),
    );
}

function addAnswers(alerts: Command): void {
  sub(alerts, "acknowledge", "You look after an alert: pager and chats are told, and it stays open")
    .argument("<key>", "as alerts list shows it")
    .option("--by <name>", BY)
    .action(async (key: string, options: Options & { by?: string }) =>
      (await import("../alerts/change.ts")).answer("acknowledge", key, options),
    );
  sub(
    alerts,
    "resolve",
    "End an alert by hand; a state ends by itself, and comes back if it is ended while it lasts",
  )
    .argument("<key>", "as alerts list shows it")
    .option("--by <name>", BY)
    .action(async (key: string, options: Options & { by?: string }) =>
      (await import("../alerts/change.ts")).answer("resolve", key, options),
    );
}

function addSilences(alerts: Command): void {
  sub(alerts, "silence", "A maintenance window: nobody is told until it ends by itself")
    .requiredOption("--for <duration>", "how long: 30m, 2h, 1d")
    .requiredOption("--reason <text>", "why, for whoever comes later")
    .option("--rule <id>", "only this rule; may be repeated", collect)
    .option("--severity <name>", "only critical, high, medium or low; may be repeated", collect)
    .option("--from <time>", "when it begins, e.g. 2026-11-21T20:00:00Z; now without it")
    .option("--by <name>", BY)
    .addHelpText(
      "after",
      "\nAlerts are still noticed and kept. Those that last when it ends are told then; ends of what was told before are told at once.\nCritical ones are silenced for at most 4 hours on end (exit code 3), anything else for 30 days.",
    )
    .action(async (options: SilenceOptions) => (await import("../alerts/change.ts")).silence(options));
  sub(alerts, "silences", "Maintenance windows that have not ended").action(async (options: Options) =>
    (await import("../alerts/show.ts")).silences(options),
  );
  sub(alerts, "unsilence", "End a maintenance window now; what lasts is told")
    .argument("<id>", "as alerts silences shows it")
    .option("--by <name>", BY)
    .action(async (id: string, options: Options & { by?: string }) =>
      (await import("../alerts/change.ts")).unsilence(id, options),
    );
}

function addDeadLetters(alerts: Command): void {
  const letters = alerts
    .command("dead-letters")
    .description("Messages that a sink refused, or could not take for give_up_after seconds");
  // What the command does when nothing more is said.
  letters
    .command("list", { isDefault: true })
    .description("All of them, with the reason; exit code 1 when there are any")
    .option("--config <file>", CONFIG)
    .option("--json", "print the result as JSON")
    .action(async (options: Options) => (await import("../alerts/show.ts")).deadLetters(options));
  sub(letters, "retry", "Queue them again, once the sink is in order")
    .argument("[ids...]", "as the list shows them")
    .option("--all", "every one")
    .action(async (ids: string[], options: Options & { all?: boolean }) =>
      (await import("../alerts/change.ts")).retry(ids, options),
    );
}

function sub(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option("--config <file>", CONFIG)
    .option("--json", "print the result as JSON");
}
