import { createRequire } from "node:module";
import toolbox from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import upgrades from "@openzeppelin/hardhat-upgrades";
import { defineConfig } from "hardhat/config";
import { networks } from "./config/networks.ts";
import { fuzzSettings } from "./scripts/test/fuzz-settings.ts";
import { tasks } from "./tasks/index.ts";

export default defineConfig({
  plugins: [toolbox, upgrades],
  tasks,
  networks,
  solidity: {
    // What operators run reads neither the tests nor what the compiler says of them: two thirds of it.
    splitTestsCompilation: true,
    // One profile for everything: what is tested is byte for byte what is deployed.
    profiles: {
      default: {
        version: "0.8.37",
        // The compiler comes from npm, so a build needs no network.
        path: createRequire(import.meta.url).resolve("solc/soljson.js"),
        settings: {
          evmVersion: "cancun",
          // More runs would push ProofXVerifier over the 24,576 bytes a contract may have.
          optimizer: { enabled: true, runs: 200 },
          metadata: { bytecodeHash: "ipfs" },
        },
      },
    },
    npmFilesToBuild: [
      "@openzeppelin/contracts/governance/TimelockController.sol",
      "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol",
      "poseidon-solidity/PoseidonT4.sol",
    ],
  },
  // Hardhat does not read .mocharc.json; under `npm test` the counts go to the runner.
  test: {
    mocha: {
      timeout: 60_000,
      forbidOnly: process.env.CI !== undefined,
      reporter: process.env.PROOFX_RESULT_FILE === undefined ? "spec" : "scripts/test/reporter.ts",
    },
    solidity: fuzzSettings(process.env),
  },
  paths: { tests: { mocha: "./test/contracts", solidity: "./test/contracts" } },
  typechain: { outDir: "./build/types", tsNocheck: true },
});
