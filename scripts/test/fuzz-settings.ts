/** Environment variables that `hardhat.config.ts` reads; `scripts/test/solidity.ts` sets them from its flags. */
export const FUZZ_TIMES = "PROOFX_FUZZ_TIMES";
export const FUZZ_SEED = "PROOFX_FUZZ_SEED";

/** Calls that an invariant must have been checked after, at the least; a run of the suite with fewer fails. */
export const LEAST_CALLS = 10_000;

/** Long runs meet deep states, and each begins from nothing. */
const DEPTH = 2_500;

/**
 * Fuzzing as Hardhat's Solidity runner takes it: the same calls in every run of the suite, unless a longer one is wanted.
 *
 * @param env `PROOFX_FUZZ_TIMES` multiplies the runs; `PROOFX_FUZZ_SEED` is 32 bytes of hex.
 */
export function fuzzSettings(env: NodeJS.ProcessEnv) {
  const times = Math.max(1, Number.parseInt(env[FUZZ_TIMES] ?? "1", 10) || 1);
  const seed = env[FUZZ_SEED];
  return {
    fuzz: { runs: 256 * times, ...(seed === undefined ? {} : { seed }) },
    invariant: {
      runs: (LEAST_CALLS / DEPTH) * times,
      depth: DEPTH,
      // Handlers never revert: what the contracts refuse they note.
      failOnRevert: true,
      // What lies in storage is mostly hashes, which no argument is.
      includeStorage: false,
      // Shrinking plays the calls again and again; a shorter list is worth a minute, not ten.
      shrinkRunLimit: 60,
    },
  };
}
