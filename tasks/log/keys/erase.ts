import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { InputError, RefusedError } from "../../../src/core/errors.ts";
import { Keeper } from "../../../src/sequencer/at-rest/index.ts";
import { openKeys } from "../../support/keys.ts";
import { parseUuid, withLogStore } from "../../support/log-store.ts";
import { action, required, type TaskIo, type TaskResult } from "../../support/task.ts";

interface EraseArguments {
  readonly tenant: string | undefined;
  readonly agent: string | undefined;
  readonly confirm: string | undefined;
}

/** Destroys an agent's data keys, after the agent's id was typed once more. */
export async function erase(
  args: EraseArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const tenant = parseUuid("--tenant", required("tenant", args.tenant, "the tenant's UUID"));
  const agent = parseUuid("--agent", required("agent", args.agent, "the agent's UUID"));
  await confirmErasing(agent, args.confirm, io);
  return await withLogStore(async ({ store, atRest }) => {
    const keeper = new Keeper(store.as("keeper"), openKeys(), atRest.master_key);
    const erased = await keeper.erase(tenant, agent);
    const lines = [
      `Erased agent ${agent}: ${erased.destroyed} data keys destroyed, ${erased.records} records can never be opened again`,
      `  running services drop the keys from memory within ${atRest.recheck_seconds} seconds`,
      "  events, hashes and signatures stay, and the log still verifies",
      "Next: npx proofx log backup, which replaces keys.current.gz; any older copy of that file, or of the tables tenant_keys and data_keys, still holds the keys (docs/backup.md)",
    ];
    return { data: erased, lines };
  });
}

async function confirmErasing(agent: string, given: string | undefined, io: TaskIo): Promise<void> {
  const question = `Erase every payload of agent ${agent} for good. Type the agent's UUID to go on: `;
  const answer = (given ?? (await io.ask?.(question)))?.trim();
  if (answer === undefined) {
    throw new RefusedError(`erasing agent ${agent} was not confirmed, and nothing can undo it`, {
      next: `add --confirm ${agent}`,
    });
  }
  if (answer !== agent) throw InputError.expected("confirmation", `the agent's UUID ${agent}`, answer);
}

export default action(erase);
