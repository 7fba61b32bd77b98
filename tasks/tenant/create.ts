import { createTenant } from "../../src/sequencer/auth/index.ts";
import { parseUuid, withLogStore } from "../support/log-store.ts";
import { action, required, type TaskResult } from "../support/task.ts";

interface CreateArguments {
  readonly name: string | undefined;
  readonly tenant: string | undefined;
}

/** Makes a tenant, once. */
export async function create(args: CreateArguments): Promise<TaskResult> {
  const name = required("name", args.name, 'a name for people, e.g. "Example Bank"');
  const given = args.tenant === undefined ? {} : { tenantId: parseUuid("--tenant", args.tenant) };
  const tenant = await withLogStore(({ store }) => createTenant(store.as("keeper"), { name, ...given }));
  const { tenantId, created } = tenant;
  const lines = [
    `${created ? "Made" : "There already"}: tenant ${tenantId}, "${name}"`,
    `Next: npx hardhat apikey create --tenant ${tenantId} --role admin --out FILE`,
  ];
  return { data: tenant, lines };
}

export default action(create);
