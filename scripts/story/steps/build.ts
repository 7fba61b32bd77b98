import type { StoryStep } from "../context.ts";

export const build: StoryStep = {
  id: "build",
  title: "Compile the contracts",
  expected: { first: 12, again: 2 },
  code: [
    "hardhat.config.ts",
    "contracts/compliance/ProofXVerifier.sol",
    "contracts/compliance/AnchorRegistry.sol",
  ],
  async run({ hardhat }) {
    await hardhat(["build", "--no-tests"]);
    return {
      result: "Contracts are compiled by a compiler that came from npm",
      inputs: { compiler: "solc 0.8.37, one profile for tests and deployments" },
      outputs: { artifacts: "artifacts/", types: "build/types/" },
    };
  },
};
