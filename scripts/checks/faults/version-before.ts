import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "the version before is wanted; the rehearsal's is this one, and a test's implementation",
  async inject(stage) {
    // Never two relayers on one folder.
    await stage.kill("relayer", "SIGINT");
    await stage.sh(
      `git worktree remove --force "$WORK/before" 2> /dev/null || rm -rf "$WORK/before"; git worktree prune`,
    );
    const before = await stage.sh("git rev-parse HEAD");
    return { IMPLEMENTATION: "ProofXVerifierNext__Harness", BEFORE: before };
  },
  clear: async (stage) =>
    void (await stage.sh(
      'npx hardhat guardian re-arm --network "$NETWORK" --guardian "$GUARDIAN" --key admin',
    )),
};
