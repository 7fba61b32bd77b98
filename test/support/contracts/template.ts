import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as snarkjs from "snarkjs";
import type { Chain } from "./chain.ts";

const require = createRequire(import.meta.url);
const BUILD = fileURLToPath(new URL("../../../build/test/template", import.meta.url));

interface SolcOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Record<
    string,
    Record<string, { abi: object[]; evm: { bytecode: { object: string } } }>
  >;
}

/** Deploys the Solidity verifier that stock snarkjs exports for a proving key: the oracle for ours. */
export async function deployTemplate({ ethers }: Chain, zkey: string) {
  const template = readFileSync(
    join(require.resolve("snarkjs"), "../../templates/verifier_groth16.sol.ejs"),
    "utf8",
  );
  const source: string = await snarkjs.zKey.exportSolidityVerifier(zkey, { groth16: template });
  mkdirSync(BUILD, { recursive: true });
  writeFileSync(join(BUILD, "Verifier.sol"), source);
  const { abi, evm } = compile(source);
  const factory = new ethers.ContractFactory(abi, evm.bytecode.object, (await ethers.getSigners())[0]);
  const contract = await factory.deploy();
  await contract.waitForDeployment();
  return contract;
}

function compile(source: string) {
  const solc = require("solc") as { compile(input: string): string };
  const input = {
    language: "Solidity",
    sources: { "Verifier.sol": { content: source } },
    settings: {
      evmVersion: "cancun",
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as SolcOutput;
  const fault = output.errors?.find((error) => error.severity === "error");
  if (fault !== undefined) throw new Error(fault.formattedMessage);
  const contract = output.contracts["Verifier.sol"]?.Groth16Verifier;
  if (contract === undefined) throw new Error("snarkjs exported no Groth16Verifier");
  return contract;
}
