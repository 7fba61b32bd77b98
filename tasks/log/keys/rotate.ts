import { InputError } from "../../../src/core/errors.ts";
import { Keeper, type Rewrapped } from "../../../src/sequencer/at-rest/index.ts";
import { openKeys } from "../../support/keys.ts";
import { parseUuid, withLogStore } from "../../support/log-store.ts";
import { action, type TaskResult } from "../../support/task.ts";

interface RotateArguments {
  readonly master: boolean;
  readonly tenant: string | undefined;
  readonly agent: string | undefined;
}

/** Puts everything under a newer key of one level: the master key of the settings, a tenant's next key, an agent's next data key. */
export async function rotate(args: RotateArguments): Promise<TaskResult> {
  const { master, tenant, agent } = args;
  if (master === (tenant !== undefined) || (master && agent !== undefined)) {
    throw InputError.expected("options", "--master, --tenant T, or --tenant T --agent A", "another choice");
  }
  const tenantId = tenant === undefined ? undefined : parseUuid("--tenant", tenant);
  const agentId = agent === undefined ? undefined : parseUuid("--agent", agent);
  return await withLogStore(async ({ store, atRest }) => {
    const keeper = new Keeper(store.as("keeper"), openKeys(), atRest.master_key);
    if (tenantId === undefined) return describeMaster(await keeper.rotateMaster());
    if (agentId === undefined) return describeTenant(tenantId, await keeper.rotateTenant(tenantId));
    const { id, generation } = await keeper.rotateAgent(tenantId, agentId);
    const lines = [
      `Agent ${agentId} has data key ${id}, its generation ${generation}, for new records`,
      `  running services take it up within ${atRest.recheck_seconds} seconds`,
      "Next: then npx hardhat log reencrypt, to seal the older records with it",
    ];
    return { data: { dataKeyId: id, generation }, lines };
  });
}

function describeMaster(result: Rewrapped): TaskResult {
  const { to, rewrapped, left } = result;
  const lines = [`Rewrapped ${rewrapped} tenant keys under "${to}"; ${left} are left under another`];
  lines.push(
    left === 0
      ? `Next: keep the older master keys as long as backups need them, then delete them; with them those backups' payloads are gone`
      : "Next: see that every service names the new master key, then run this again",
  );
  return { data: result, lines, exitCode: left === 0 ? 0 : 1 };
}

function describeTenant(tenant: string, result: Rewrapped): TaskResult {
  const { to, rewrapped, left } = result;
  const lines = [
    `Tenant ${tenant} has key ${to}; rewrapped ${rewrapped} data keys under it; ${left} are left under another`,
    left === 0 ? "  the older tenant keys are destroyed" : "Next: run this again",
  ];
  return { data: result, lines, exitCode: left === 0 ? 0 : 1 };
}

export default action(rotate);
