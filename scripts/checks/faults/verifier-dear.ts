import { BusyRelayer } from "../runbook/busy-relayer.ts";
import type { Fault } from "../runbook/fault.ts";
import { freshProof } from "../runbook/fresh-proofs.ts";
import { runCode, runOwnCode } from "../runbook/other-code.ts";
import { prometheusOf } from "../runbook/prometheus.ts";

const USUAL = 2;
/** Gas that a call costs more than it did; with more than that the circuit verifier would not get its stipend. */
const MORE = 270_000;
/** The rule's 15 minutes, as a rehearsal plays them. */
const RECENT = "sum(increase(proofx_relayer_attest_gas_count[15s]))";

let relayer: BusyRelayer | undefined;
let proof = "";

export const fault: Fault = {
  what: "the verifier runs an implementation that needs more gas",
  async before(stage) {
    relayer = await BusyRelayer.start(stage);
    for (let i = 0; i < USUAL; i++) await relayer.attest(await freshProof(stage));
    proof = await freshProof(stage);
    const prometheus = await prometheusOf(stage);
    await prometheus.until("the usual attestations are still recent", async () => {
      return ((await prometheus.query(RECENT)) ?? 1) === 0;
    });
  },
  async inject(stage) {
    await runCode(stage, spendthrift(stage.addresses.verifierImplementation ?? "", MORE));
    await relayer?.attest(proof);
    return {};
  },
  async clear(stage) {
    await relayer?.stop();
    await runOwnCode(stage);
  },
};

/** Code that counts down until about so much gas is used, and then does what the implementation does. */
function spendthrift(implementation: string, gas: number): string {
  const rounds = Math.ceil(gas / 26);
  return [
    `0x62${rounds.toString(16).padStart(6, "0")}`, // PUSH3 rounds
    "5b6001900380600457", // loop at 4: JUMPDEST PUSH1 1 SWAP1 SUB DUP1 PUSH1 4 JUMPI
    "50", // POP
    "365f5f37", // CALLDATACOPY(0, 0, CALLDATASIZE)
    `5f5f365f73${implementation.slice(2)}5af4`, // DELEGATECALL(GAS, implementation, 0, CALLDATASIZE, 0, 0)
    "3d5f5f3e", // RETURNDATACOPY(0, 0, RETURNDATASIZE)
    "603757", // to the end at 0x37 when it worked
    "3d5ffd", // REVERT(0, RETURNDATASIZE)
    "5b3d5ff3", // JUMPDEST RETURN(0, RETURNDATASIZE)
  ].join("");
}
