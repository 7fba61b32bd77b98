import type { Provider } from "ethers";
import { readDeploymentFile } from "../../chain/deployment.ts";
import { InputError } from "../../core/errors.ts";
import { isUuid, UUID_FORM } from "../../core/uuid.ts";
import { openConfiguredKeys, readKeysSettings } from "../../keys/index.ts";
import { Keyring } from "../../sequencer/at-rest/index.ts";
import { atOneMoment, openStore } from "../../sequencer/store/index.ts";
import {
  chainSource,
  databaseSource,
  describeReport,
  progressNotes,
  verifyLog,
} from "../../sequencer/verify/index.ts";
import { withNode } from "../audit/chain.ts";
import { configPath, readSection } from "../config-file.ts";
import { type CommandResult, note } from "../output.ts";

export interface VerifyCommandOptions {
  readonly config?: string;
  readonly tenant?: string;
  readonly store?: string;
  readonly deployment?: string;
  readonly rpc?: string;
  /** False by `--no-payloads`. */
  readonly payloads: boolean;
}

/** `proofx log verify`: reads the configured log again, and compares it with a chain when one is named. */
export async function verify(options: VerifyCommandOptions): Promise<CommandResult> {
  const { deployment, rpc, tenant, store } = options;
  if ((deployment === undefined) !== (rpc === undefined))
    throw new InputError("--deployment and --rpc: expected both or neither");
  for (const [name, value] of [
    ["--tenant", tenant],
    ["--store", store],
  ] as const)
    if (value !== undefined && !isUuid(value)) throw InputError.expected(name, UUID_FORM, value);
  if (deployment === undefined || rpc === undefined) return await run(options, undefined);
  return await withNode(rpc, (provider) => run(options, { provider, deployment }));
}

async function run(
  { config, tenant, store: only, payloads }: VerifyCommandOptions,
  chain: { readonly provider: Provider; readonly deployment: string } | undefined,
): Promise<CommandResult> {
  const path = configPath(config);
  const store = await openStore(readSection(path, "store"));
  try {
    const db = store.as("keeper");
    const keyring = payloads
      ? new Keyring(db, openConfiguredKeys(readKeysSettings(path)).keys, readSection(path, "at_rest"))
      : undefined;
    const began = Date.now();
    const report = await atOneMoment(db, (frozen) =>
      verifyLog({
        source: databaseSource(frozen),
        chain: chain && chainSource(chain.provider, readDeploymentFile(chain.deployment)),
        open: keyring && ((record, sealed) => keyring.open(record, sealed)),
        tenant,
        store: only,
        onProgress: progressNotes(note),
      }),
    );
    return describeReport(report, (Date.now() - began) / 1000);
  } finally {
    await store.close();
  }
}
