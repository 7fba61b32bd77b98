import { revokeJwtKey } from "../../src/sequencer/auth/index.ts";
import { withLogStore } from "../support/log-store.ts";
import { action, required, type TaskResult } from "../support/task.ts";

/** Revokes a key, and with it every token it signed. */
export async function revoke(args: { readonly kid: string | undefined }): Promise<TaskResult> {
  const kid = required("kid", args.kid, "what tokens call the key: npx hardhat jwtkey list");
  const revoked = await withLogStore(({ store }) => revokeJwtKey(store.as("keeper"), kid));
  const lines = revoked
    ? [
        `Revoked: kid ${kid}`,
        "  running sequencers refuse its tokens within [access] cache_seconds (5 unless set)",
      ]
    : [`Revoked before: kid ${kid}`];
  return { data: { kid, revoked }, lines };
}

export default action(revoke);
