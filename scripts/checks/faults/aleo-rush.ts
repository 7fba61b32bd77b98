import { readActivity } from "../../../src/aleo/activity.ts";
import { openLedger } from "../../../src/aleo/ledger.ts";
import { blocksOf } from "../../../src/aleo/measure.ts";
import { ALEO_PROGRAMS } from "../../../src/ops/probes/index.ts";
import { AGENT } from "../runbook/aleo.ts";
import { aleoNodeFault } from "../runbook/aleo-node.ts";

/** The least that is unusual after silence: more than five spreads, each no less than one. */
const RUSH = 6;
const HALF_A_DAY = 13 * 3_600;

/** The stage's ledger has no past to compare with: all up to the programs' deployment is shown as of half a day ago. */
export const fault = aleoNodeFault({
  what: `${RUSH} calls come at once after a quiet half day`,
  async alteration(stage, url) {
    const ledger = openLedger(url);
    const heights = ALEO_PROGRAMS.map(async (id) => {
      const deployment = await ledger.deploymentOf(id);
      return deployment === undefined ? 0 : ((await ledger.confirmation(deployment))?.height ?? 0);
    });
    const upTo = Math.max(...(await Promise.all(heights)));
    const range = { from: upTo + 1, to: (await ledger.height()) + 1, programs: ALEO_PROGRAMS };
    const made = (await readActivity(blocksOf(ledger), range)).length;
    const missing = Math.max(1, RUSH - made);
    await stage.sh(
      `for i in $(seq ${missing}); do npx hardhat aleo execute increase_stake ${AGENT} 1 --key aleo-admin; done`,
    );
    return { past: { upTo, seconds: HALF_A_DAY } };
  },
});
