import { Interface } from "ethers";
import type { Stage } from "./stage.ts";

const VERIFIER = new Interface(["function circuitVersionCount() view returns (uint32)"]);

/** Adds a version with the code of the one that is used, by the admin; gives its number. */
export async function addVersion({ chain, addresses }: Stage): Promise<string> {
  const { admin = "", verifier: to = "", circuitVerifier } = addresses;
  await chain.send(admin, to, "addCircuitVersion(address)", circuitVerifier);
  const data = VERIFIER.encodeFunctionData("circuitVersionCount");
  return String(BigInt((await chain.rpc("eth_call", { to, data }, "latest")) as string));
}

/** Lets its proofs in, through the timelock. */
export async function activateVersion(stage: Stage, version: string): Promise<void> {
  await stage.sh(
    `npx hardhat circuit-version activate --network "$NETWORK" --circuit-version ${version} --wait --key admin`,
  );
}
