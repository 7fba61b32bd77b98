import { toHex } from "../../src/core/bytes.ts";
import { listJwtKeys } from "../../src/sequencer/auth/index.ts";
import { parseUuid, withLogStore } from "../support/log-store.ts";
import { shownDates } from "../support/role.ts";
import { action, type TaskResult } from "../support/task.ts";

/** Lists the keys that tokens are signed with. */
export async function list({ tenant }: { readonly tenant: string | undefined }): Promise<TaskResult> {
  const of = tenant === undefined ? undefined : parseUuid("--tenant", tenant);
  const found = await withLogStore(({ store }) => listJwtKeys(store.as("keeper"), of));
  const keys = found.map((key) => ({ ...key, publicKey: toHex(key.publicKey) }));
  const lines = keys.map(
    ({ kid, tenant, role, createdAt, revokedAt }) =>
      `${kid.padEnd(43)} ${tenant}  ${role.padEnd(6)}  ${shownDates(createdAt, revokedAt)}`,
  );
  return { data: { keys }, lines: lines.length > 0 ? lines : ["No keys for tokens"] };
}

export default action(list);
