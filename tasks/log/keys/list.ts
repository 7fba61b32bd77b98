import { listKeys, type TenantKeys } from "../../../src/sequencer/at-rest/index.ts";
import { parseUuid, withLogStore } from "../../support/log-store.ts";
import { action, type TaskResult } from "../../support/task.ts";

interface ListArguments {
  readonly tenant: string | undefined;
}

/** Lists the keys at rest; opens none, so it needs no passphrase and no PIN. */
export async function list({ tenant }: ListArguments): Promise<TaskResult> {
  const only = tenant === undefined ? undefined : parseUuid("--tenant", tenant);
  return await withLogStore(async ({ store, atRest }) => {
    const tenants = await listKeys(store.as("keeper"), only);
    const data = { mode: atRest.mode, masterKey: atRest.master_key, tenants };
    const lines = [
      `Mode ${atRest.mode}; master key "${atRest.master_key}"; data keys are renewed after ${atRest.rotate_after_days} days`,
      ...tenants.flatMap((each) => linesOf(each, only !== undefined)),
    ];
    return { data, lines: tenants.length > 0 ? lines : [...lines, "No tenants"] };
  });
}

function linesOf({ tenantId, name, tenantKeys, dataKeys }: TenantKeys, whole: boolean): string[] {
  const keys = tenantKeys.map(
    (key) =>
      `  tenant key ${key.id}`.padEnd(18) +
      `${key.status.padEnd(10)} under "${key.masterKey}", wraps ${key.dataKeys} data keys, made ${day(key.createdAt)}`,
  );
  const count = (status: string) => dataKeys.filter((key) => key.status === status).length;
  const summary = `  data keys: ${count("in use")} in use, ${count("older")} older, ${count("destroyed")} destroyed`;
  const each = dataKeys.map(
    ({ id, agentId, generation, status, createdAt }) =>
      `    ${String(id).padStart(6)}  agent ${agentId}  generation ${generation}  ${status.padEnd(9)}  made ${day(createdAt)}`,
  );
  return [`${tenantId}  ${name}`, ...keys, summary, ...(whole ? each : [])];
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

export default action(list);
