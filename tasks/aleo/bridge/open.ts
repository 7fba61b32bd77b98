import type { BridgeLogReader } from "../../../src/aleo/bridge/log.ts";
import { BridgePrograms } from "../../../src/aleo/bridge/programs.ts";
import { aleoSignatures } from "../../../src/aleo/signatures.ts";
import type { AleoNetwork, AleoSignatures, BindingPlace } from "../../../src/core/aleo/index.ts";
import { keyProviderSigner, streamId } from "../../../src/core/log/index.ts";
import { type Agent, type Client, createClient } from "../../../src/sdk/index.ts";
import { readCredential } from "../../support/credential.ts";
import { openKeys } from "../../support/keys.ts";
import { parseUuid } from "../../support/log-store.ts";
import { required } from "../../support/task.ts";
import { parseUnsigned } from "../../support/values.ts";

/** Options that name a stream of a log. */
export interface StreamArguments {
  readonly url: string | undefined;
  readonly credential: string | undefined;
  readonly tenant: string | undefined;
  readonly store: string | undefined;
}

/** Options that name an agent with its key. */
export interface AgentArguments {
  readonly agent: string | undefined;
  readonly agentKey: string | undefined;
  readonly agentKeyId: string | undefined;
}

/** A task's hold on one stream's bindings. */
export interface OpenStream {
  readonly client: Client;
  readonly log: BridgeLogReader;
  readonly place: BindingPlace;
  readonly signatures: AleoSignatures;
}

/** Opens a stream for an agent that writes, or to be read. Asks nothing yet. */
export async function openStream(
  args: StreamArguments,
  network: AleoNetwork,
  agent?: Agent,
): Promise<OpenStream> {
  const tenant = parseUuid("--tenant", required("tenant", args.tenant, "the tenant's UUID"));
  const store = parseUuid("--store", required("store", args.store, "the store's UUID"));
  const client = createClient({
    url: required("url", args.url, "where the sequencer listens"),
    credential: readCredential(required("credential", args.credential, "a file with an API key")),
    tenant,
    store,
    ...(agent === undefined ? {} : { agent }),
  });
  const place = { network, program: BridgePrograms.registry, streamId: streamId(tenant, store) };
  return { client, log: client, place, signatures: await aleoSignatures() };
}

/** `--agent`. */
export function agentId({ agent }: Pick<AgentArguments, "agent">): string {
  return parseUuid("--agent", required("agent", agent, "the agent's UUID"));
}

/** The agent that signs: `--agent`, with the key that `--agent-key` names. */
export async function signingAgent(args: AgentArguments, id: string = agentId(args)): Promise<Agent> {
  const key = required("agent-key", args.agentKey, "the name of the agent's ed25519 key");
  const keyId = Number(parseUnsigned("--agent-key-id", args.agentKeyId ?? "1", 32));
  return { id, keyId, signer: await keyProviderSigner(openKeys(), key) };
}
