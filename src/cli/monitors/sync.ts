import { CheckError, EXIT, InputError } from "../../core/errors.ts";
import { RULES } from "../../ops/monitors/index.ts";
import { type DefenderAccount, openDefender } from "../../ops/render/defender/account.ts";
import { type DefenderMonitor, defenderMonitors, ownedPrefix } from "../../ops/render/defender/monitors.ts";
import { applySync, planSync, type SyncStep, stepLine } from "../../ops/render/defender/sync.ts";
import type { CommandResult } from "../output.ts";
import { renderOptions, type TypedOptions } from "./render.ts";

export interface SyncOptions extends TypedOptions {
  readonly endpoint?: string;
  readonly credentials?: string;
  readonly notify?: readonly string[];
  readonly apply?: boolean;
}

/** What an endpoint that speaks Defender's API would have to change; exit code 1 when there is anything. */
export async function diffDefender(options: SyncOptions): Promise<CommandResult> {
  const { steps } = await planned(options);
  return { ...described(steps, "would be done"), exitCode: steps.length === 0 ? EXIT.ok : EXIT.failed };
}

/**
 * Shows what would be done, and with `--apply` does it and looks again.
 *
 * @throws CheckError when the account is still not as it should be.
 */
export async function syncDefender(
  options: SyncOptions,
  note: (line: string) => void,
): Promise<CommandResult> {
  const { account, wanted, channels, owned, steps } = await planned(options);
  if (options.apply !== true) {
    const { data, lines } = described(steps, "would be done");
    return {
      data,
      lines: steps.length === 0 ? lines : [...lines, "Nothing was changed. Next: the same with --apply"],
    };
  }
  await applySync(account, steps, channels, (step) => note(stepLine(step)));
  const left = planSync(wanted, channels, await account.list(), owned);
  if (left.length > 0)
    throw new CheckError(`the endpoint took everything and still differs: ${left.map(stepLine).join("; ")}`);
  return described(steps, "done");
}

interface Planned {
  readonly account: DefenderAccount;
  readonly wanted: readonly DefenderMonitor[];
  readonly channels: readonly string[];
  readonly owned: string;
  readonly steps: readonly SyncStep[];
}

async function planned(options: SyncOptions): Promise<Planned> {
  const target = renderOptions(options);
  if (target === undefined)
    throw InputError.expected("--deployment", "a deployment file, which the monitors watch", "nothing");
  const { deployment, confirmations, defenderNetwork } = target;
  if (options.endpoint === undefined || !/^https?:\/\/\S+$/.test(options.endpoint))
    throw InputError.expected(
      "--endpoint",
      "the http or https URL of an API that is as Defender's was",
      options.endpoint ?? "nothing",
      "OpenZeppelin's own closed on 1 July 2026",
    );
  if (options.credentials === undefined)
    throw InputError.expected("--credentials", "a file of mode 0600 with KEY:SECRET", "nothing");
  const wanted = defenderMonitors(RULES, {
    deployment,
    confirmations,
    ...(defenderNetwork === undefined ? {} : { network: defenderNetwork }),
  });
  const account = await openDefender({ endpoint: options.endpoint, credentialsFile: options.credentials });
  const channels = options.notify ?? [];
  const owned = ownedPrefix(deployment);
  return { account, wanted, channels, owned, steps: planSync(wanted, channels, await account.list(), owned) };
}

function described(steps: readonly SyncStep[], what: string): CommandResult {
  const acts = steps.map((step) => ({
    act: step.act,
    name: step.act === "delete" ? step.name : step.monitor.name,
    ...(step.act === "update" ? { fields: step.fields } : {}),
  }));
  return {
    data: { steps: acts },
    lines: [
      ...steps.map(stepLine),
      steps.length === 0 ? "the account is as the rules say" : `${steps.length} ${what}`,
    ],
  };
}
