import type { StoryStep } from "../context.ts";

const POLICIES = ["capital-adequacy", "aml-threshold", "order-cap", "payment-cap"] as const;

/** Fixed, so that the documentation can name them. */
const TENANT = "7e4a0000-0000-4000-8000-000000000001";
const STORE = "570e0000-0000-4000-8000-000000000001";

export const govern: StoryStep = {
  id: "govern",
  title: "Open a tenant's stream and register policies in plain",
  expected: { first: 5, again: 5 },
  code: [
    "config/policies/capital-adequacy.toml",
    "config/policies/aml-threshold.toml",
    "contracts/interfaces/IProofXVerifier.sol",
  ],
  async run({ task, facts }) {
    facts.tenantId = TENANT;
    facts.storeId = STORE;
    const opened = await task<{ streamId: string }>(["stream", "open"], {
      network: "story",
      tenant: facts.tenantId,
      store: facts.storeId,
      anchorer: facts.accounts.anchorer ?? "",
      key: "admin",
    });
    facts.streamId = opened.streamId;
    facts.policies = {};
    for (const name of POLICIES) {
      const { policyId } = await task<{ policyId: string }>(["policy", "register"], {
        network: "story",
        policy: `config/policies/${name}.toml`,
        key: "policy-admin",
      });
      facts.policies[name] = policyId;
    }
    return {
      result: `Stream ${facts.streamId.slice(0, 10)}… is open; the contract itself hashed ${POLICIES.length} policies`,
      inputs: { tenant: facts.tenantId, store: facts.storeId, anchorer: facts.accounts.anchorer },
      outputs: { "stream id": facts.streamId, "policy ids": facts.policies },
    };
  },
};
