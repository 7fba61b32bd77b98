import { setTimeout as pause } from "node:timers/promises";
import { createBlocks } from "../../../src/aleo/devnode.ts";
import { ALEO_URL } from "../runbook/aleo.ts";
import type { Fault } from "../runbook/fault.ts";
import type { Stage } from "../runbook/stage.ts";

let stop: (() => Promise<void>) | undefined;

/** A development ledger makes blocks for transactions only, and whoever accepts has to wait for some. */
export const fault: Fault = {
  what: "blocks come, also without transactions",
  needs: "aleo-devnode",
  async inject(stage) {
    await stage.service("aleo");
    await stage.sh("npx hardhat aleo faucet --key aleo-admin-2");
    stop = makeBlocks();
    return { PROGRAM: "registry", NEXT: await addressOf(stage, "aleo-admin-2") };
  },
  async clear(stage) {
    const admin = await addressOf(stage, "aleo-admin");
    try {
      await stage.sh(`npx hardhat aleo rotate-admin --program registry --to ${admin} --key aleo-admin-2
      npx hardhat aleo rotate-admin --program registry --accept --wait --key aleo-admin`);
    } finally {
      await stop?.();
    }
  },
};

function makeBlocks(): () => Promise<void> {
  let stopped = false;
  const made = (async () => {
    while (!stopped) {
      await createBlocks(ALEO_URL, 1);
      await pause(500);
    }
  })();
  // Whoever stops it is told.
  made.catch(() => undefined);
  return () => {
    stopped = true;
    return made;
  };
}

/** The keystore's file says it without a passphrase. */
function addressOf(stage: Stage, name: string): Promise<string> {
  return stage.sh(`node -p 'JSON.parse(fs.readFileSync(process.env.PROOFX_KEYS + "/${name}.json")).address'`);
}
