import { randomUUID } from "node:crypto";
import type { BindingWork } from "../../../src/aleo/bridge/bind.ts";
import { aleoSignatures } from "../../../src/aleo/signatures.ts";
import type { BindingPlace } from "../../../src/core/aleo/index.ts";
import { streamId } from "../../../src/core/log/index.ts";
import {
  type Agent,
  type Client,
  createClient,
  generateSecretKey,
  secretSigner,
} from "../../../src/sdk/index.ts";
import type { Tenant, World } from "../../services/sequencer/world.ts";

/** An agent of a tenant's stream, registered. */
export interface StreamAgent {
  readonly agent: Agent;
  readonly client: Client;
  readonly work: BindingWork;
}

/** Where a tenant's agents are bound. */
export function placeOf({ tenant, storeId }: Tenant, more: Partial<BindingPlace> = {}): BindingPlace {
  return {
    network: "testnet",
    program: "agent_registry_v3.aleo",
    streamId: streamId(tenant, storeId),
    ...more,
  };
}

/** Registers a new agent in a tenant's stream. */
export async function newAgent(
  world: World,
  tenant: Tenant,
  id: string = randomUUID(),
): Promise<StreamAgent> {
  const agent = { id, keyId: 1, signer: secretSigner(generateSecretKey()) };
  const client = createClient({
    url: world.url(),
    credential: tenant.credential,
    tenant: tenant.tenant,
    store: tenant.storeId,
    agent,
    retry: { firstPause: 20, longestPause: 200 },
  });
  await client.registerKey();
  return { agent, client, work: { log: client, place: placeOf(tenant), signatures: await aleoSignatures() } };
}
