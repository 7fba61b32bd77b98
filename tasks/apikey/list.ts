import { listApiKeys } from "../../src/sequencer/auth/index.ts";
import { parseUuid, withLogStore } from "../support/log-store.ts";
import { shownDates } from "../support/role.ts";
import { action, type TaskResult } from "../support/task.ts";

/** Lists API keys; the log knows no secret of theirs. */
export async function list({ tenant }: { readonly tenant: string | undefined }): Promise<TaskResult> {
  const of = tenant === undefined ? undefined : parseUuid("--tenant", tenant);
  const keys = await withLogStore(({ store }) => listApiKeys(store.as("keeper"), of));
  const lines = keys.map(
    ({ prefix, tenant, role, agentId, name, createdAt, revokedAt }) =>
      `${prefix.padEnd(24)} ${tenant}  ${role.padEnd(6)}  ${(agentId ?? "any agent").padEnd(36)}  ${shownDates(createdAt, revokedAt)}  ${name}`,
  );
  return { data: { keys }, lines: lines.length > 0 ? lines : ["No API keys"] };
}

export default action(list);
