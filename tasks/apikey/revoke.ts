import { InputError } from "../../src/core/errors.ts";
import { parseApiKey, revokeApiKey } from "../../src/sequencer/auth/index.ts";
import { withLogStore } from "../support/log-store.ts";
import { action, required, type TaskResult } from "../support/task.ts";

/** Revokes an API key for good. */
export async function revoke(args: { readonly prefix: string | undefined }): Promise<TaskResult> {
  const prefix = required("prefix", args.prefix, "what the key begins with, e.g. px_live_0123456789ab");
  if (parseApiKey(prefix) !== undefined) {
    throw new InputError(
      "--prefix: expected the beginning of the key, got the whole key, which is now in your history",
      {
        next: "leave out what follows the third _, and revoke it all the same",
      },
    );
  }
  const revoked = await withLogStore(({ store }) => revokeApiKey(store.as("keeper"), prefix));
  const lines = revoked
    ? [
        `Revoked: API key ${prefix}`,
        "  running sequencers refuse it within [access] cache_seconds (5 unless set)",
      ]
    : [`Revoked before: API key ${prefix}`];
  return { data: { prefix, revoked }, lines };
}

export default action(revoke);
