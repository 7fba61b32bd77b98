import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Fault } from "../runbook/fault.ts";
import { STATE_INPUTS } from "../runbook/state-watcher.ts";

const NAME = "signer-of-spring";

/** The stage's own keys are minutes old. */
export const fault: Fault = {
  what: "a signer's key is a hundred days old",
  async inject({ sh }) {
    await sh(
      `NODE_OPTIONS=--import=./scripts/checks/runbook/hundred-days-ago.ts node_modules/.bin/hardhat keys create --name ${NAME} --algorithm secp256k1`,
    );
    return { CONFIG: STATE_INPUTS.PROOFX_CONFIG };
  },
  watched: () => ({ more: `[keys.schedule.signers]\nkeys = ["${NAME}"]` }),
  async clear({ env }) {
    rmSync(join(env.PROOFX_KEYS ?? "", `${NAME}.json`));
  },
};
