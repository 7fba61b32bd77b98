import { createRequire } from "node:module";

/** Absolute path of the script behind `npx hardhat`. Run it with Node itself, so that signals reach Hardhat at once. */
export const HARDHAT_CLI = createRequire(import.meta.url)
  .resolve("hardhat/package.json")
  .replace("package.json", "dist/src/cli.js");
