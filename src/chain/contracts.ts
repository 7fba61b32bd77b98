import { Contract, type ContractRunner } from "ethers";
import type { TimelockController } from "../../build/types/@openzeppelin/contracts/governance/TimelockController.ts";
import type { AnchorRegistry } from "../../build/types/contracts/compliance/AnchorRegistry.ts";
import type { Groth16Verifier } from "../../build/types/contracts/compliance/Groth16Verifier.ts";
import type { ProofXVerifier } from "../../build/types/contracts/compliance/ProofXVerifier.ts";
import { abiOf } from "./artifacts.ts";
import { contractOf, type Deployment } from "./deployment.ts";

/** Typed clients of a deployment's contracts. */
export interface Contracts {
  readonly registry: AnchorRegistry;
  readonly verifier: ProofXVerifier;
  readonly circuitVerifier: Groth16Verifier;
  readonly timelock: TimelockController;
}

/** Connects to a deployment's contracts through a provider (reading) or a signer (sending). */
export function connect(deployment: Deployment, runner: ContractRunner): Contracts {
  const at = (role: Parameters<typeof contractOf>[1]) => contractOf(deployment, role).address;
  return {
    registry: registryAt(at("registry"), runner),
    verifier: new Contract(at("verifier"), abiOf("ProofXVerifier"), runner) as unknown as ProofXVerifier,
    circuitVerifier: groth16At(at("circuitVerifier"), runner),
    timelock: new Contract(
      at("timelock"),
      abiOf("TimelockController"),
      runner,
    ) as unknown as TimelockController,
  };
}

/** A client of the anchor registry at an address, for whoever needs no other contract. */
export function registryAt(address: string, runner: ContractRunner): AnchorRegistry {
  return new Contract(address, abiOf("AnchorRegistry"), runner) as unknown as AnchorRegistry;
}

/** A client of the circuit verifier at an address, e.g. of an older circuit version. */
export function groth16At(address: string, runner: ContractRunner): Groth16Verifier {
  return new Contract(address, abiOf("Groth16Verifier"), runner) as unknown as Groth16Verifier;
}
