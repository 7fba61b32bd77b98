import { toHex } from "../../core/bytes.ts";
import { streamId } from "../../core/log/index.ts";
import type { LogIdentity } from "../identity/identity.ts";
import type { ServicePurpose } from "../identity/service-keys.ts";
import type { ServiceSigners } from "../identity/signers.ts";
import type { Sql } from "../store/index.ts";
import { checkpointOrigin } from "../tree/index.ts";
import type { OwnDraft } from "./ports.ts";

/** Makes a stream, still empty. @returns false when there is one. */
export async function createStream(sql: Sql, tenant: string, store: string, now: bigint): Promise<boolean> {
  const [row] = await sql.query<{ open_stream: boolean }>("SELECT proofx.open_stream($1, $2, $3, $4)", [
    tenant,
    store,
    streamId(tenant, store),
    now,
  ]);
  return row?.open_stream === true;
}

/** The first event of a stream: who signs for the log in it. */
export function openedDraft(
  identity: LogIdentity,
  signers: ServiceSigners,
  tenant: string,
  store: string,
): OwnDraft {
  const publicPart = (purpose: ServicePurpose) => {
    const { keyId, publicKey } = signers.activeKey(purpose);
    return { key_id: keyId, public_key: toHex(publicKey) };
  };
  const { public_key: checkpointKey } = publicPart("checkpoint");
  const payload = {
    registrar: { agent_id: identity.registrarId, ...publicPart("registrar") },
    receipt_key: publicPart("receipt"),
    checkpoint_key: {
      origin: checkpointOrigin(identity.logName, { tenant, store }),
      public_key: checkpointKey,
    },
  };
  const entityId = toHex(streamId(tenant, store));
  return { entityType: "proofx.stream", entityId, eventType: "proofx.stream.opened", payload };
}
