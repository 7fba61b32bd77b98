import { join } from "node:path";
import { fromHex, type Hex } from "../../../src/core/bytes.ts";
import { SIGNATURE_TYPE, verifierKey } from "../../../src/core/log/index.ts";
import { PATHS, type StoryContext, type StoryStep } from "../context.ts";

const POLICIES = ["capital-adequacy", "aml-threshold", "order-cap", "payment-cap"] as const;

/** Fixed, so that the documentation can name them. */
const TENANT = "7e4a0000-0000-4000-8000-000000000001";
const STORE = "570e0000-0000-4000-8000-000000000001";

interface LogJson {
  readonly logName: string;
  readonly operatorTenant: string;
  readonly operatorStore: string;
  readonly keys: readonly { readonly purpose: string; readonly public_key: Hex }[];
}

export const govern: StoryStep = {
  id: "govern",
  title: "Open a tenant's stream and the operator's, on chain and in the log; register policies in plain",
  expected: { first: 7, again: 7 },
  code: [
    "config/policies/capital-adequacy.toml",
    "config/policies/aml-threshold.toml",
    "contracts/interfaces/IProofXVerifier.sol",
    "src/sequencer/store/migrations/0002-access.sql",
    "docs/access.md",
  ],
  async run(context) {
    const { facts } = context;
    facts.tenantId = TENANT;
    facts.storeId = STORE;
    // Three duties, three keys: none waits for another.
    const empty = context.proofx<LogJson>(["log", "init"]);
    const [streamId, policies, log] = await Promise.all([
      openStreams(context, empty),
      registerPolicies(context),
      furnishLog(context, empty),
    ]);
    Object.assign(facts, { streamId, policies, credentials: log.credentials });
    const name = `${log.name}/${streamId.slice(2)}`;
    facts.logKey = verifierKey({ name, publicKey: log.checkpointKey, type: SIGNATURE_TYPE.note });
    return {
      result: `Stream ${streamId.slice(0, 10)}… is open; the contract itself hashed ${POLICIES.length} policies`,
      inputs: { tenant: facts.tenantId, store: facts.storeId, anchorer: facts.accounts.anchorer },
      outputs: { "stream id": streamId, "policy ids": policies, log: log.name, "API keys": log.credentials },
    };
  },
};

/** The tenant's, and the operator's own, in which the log notes who was let in: a sequencer is not ready while one of its streams cannot be anchored. */
async function openStreams(context: StoryContext, log: Promise<LogJson>): Promise<string> {
  const streamId = await openStream(context, TENANT, STORE);
  const { operatorTenant, operatorStore } = await log;
  await openStream(context, operatorTenant, operatorStore);
  return streamId;
}

async function openStream({ task, facts }: StoryContext, tenant: string, store: string): Promise<string> {
  const { streamId } = await task<{ streamId: string }>(["stream", "open"], {
    network: "story",
    tenant,
    store,
    anchorer: facts.accounts.anchorer ?? "",
    key: "admin",
  });
  return streamId;
}

async function registerPolicies({ task }: StoryContext): Promise<Record<string, string>> {
  const policies: Record<string, string> = {};
  for (const name of POLICIES) {
    const { policyId } = await task<{ policyId: string }>(["policy", "register"], {
      network: "story",
      policy: `config/policies/${name}.toml`,
      key: "policy-admin",
    });
    policies[name] = policyId;
  }
  return policies;
}

/** Lets the tenant into the log, with an API key for its admin and one for its agents. */
async function furnishLog({ task, facts }: StoryContext, log: Promise<LogJson>) {
  const { logName, keys } = await log;
  const key = keys.find(({ purpose }) => purpose === "checkpoint")?.public_key ?? "0x";
  await task(["tenant", "create"], { name: "Example Treasury", tenant: facts.tenantId });
  const credentials = { admin: join(PATHS.work, "admin.key"), agents: join(PATHS.work, "agents.key") };
  for (const [role, out] of [
    ["admin", credentials.admin],
    ["agent", credentials.agents],
  ] as const)
    await task(["apikey", "create"], { tenant: facts.tenantId, role, out });
  return { name: logName, credentials, checkpointKey: fromHex("checkpoint key", key, 32) };
}
