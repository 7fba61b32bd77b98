import { shellFault } from "../runbook/fault.ts";

/** The next implementation is a test's; the rehearsal rolls "back" to it. */
export const fault = shellFault(
  "another implementation is wanted",
  "true",
  { IMPLEMENTATION: "ProofXVerifierNext__Harness" },
  'npx hardhat guardian re-arm --network "$NETWORK" --guardian "$GUARDIAN" --key admin',
);
