import { CheckError } from "../../../src/core/errors.ts";
import type { Stage } from "./stage.ts";

interface Key {
  readonly key_id: number;
  readonly revoked_at: string | null;
}

/** The number of an agent's newest key that is good; of its newest one when an earlier page revoked them all. */
export async function newestKey(stage: Stage, agent: string): Promise<string> {
  const answer = await stage.sh(
    `curl -sSf "$SEQUENCER/v1/stores/$STORE/agents/${agent}/keys" -H "authorization: Bearer $(cat "$ADMIN_CREDENTIAL")"`,
  );
  const { keys } = JSON.parse(answer) as { keys: readonly Key[] };
  const key = keys.findLast(({ revoked_at }) => revoked_at === null) ?? keys.at(-1);
  if (key === undefined) throw new CheckError(`agent ${agent} has no key`);
  return String(key.key_id);
}
