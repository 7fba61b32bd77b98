import { newestKey } from "../runbook/agent-key.ts";
import type { Fault } from "../runbook/fault.ts";
import { STRANGER } from "../runbook/fault.ts";
import { stolenApiKey, stolenTokenKey } from "../runbook/stolen-credential.ts";

const AGENT = "a9e40000-0000-4000-8000-000000000001";

export const fault: Fault = {
  what: "a thief is a signer, has an agent's key, an API key and a key for tokens",
  async inject(stage) {
    await stage.sh(
      `npx hardhat roles grant --network "$NETWORK" --role signer --account ${STRANGER} --key admin`,
    );
    const { prefix, file } = await stolenApiKey(stage);
    return {
      ROLE: "signer",
      ACCOUNT: STRANGER,
      AGENT,
      KEY_ID: await newestKey(stage, AGENT),
      PREFIX: prefix,
      STOLEN: file,
      KID: await stolenTokenKey(stage),
    };
  },
};
