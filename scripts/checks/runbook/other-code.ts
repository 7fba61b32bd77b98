import type { Stage } from "./stage.ts";

/** Where nothing else is. */
const ELSEWHERE = "0x00000000000000000000000000000000000e15e0";
/** ERC-1967: where a proxy keeps the address of what it runs. */
const SLOT = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";

/** Upgrades the verifier, as the timelock, to a copy of its implementation. */
export async function upgradeToCopy({ chain, addresses }: Stage): Promise<void> {
  const { timelock = "", verifier = "", verifierImplementation = "" } = addresses;
  const code = String(await chain.rpc("eth_getCode", verifierImplementation, "latest"));
  // An implementation knows its own address.
  const own = new RegExp(verifierImplementation.slice(2), "gi");
  await chain.rpc("hardhat_setCode", ELSEWHERE, code.replaceAll(own, ELSEWHERE.slice(2)));
  await chain.send(timelock, verifier, "upgradeToAndCall(address,bytes)", ELSEWHERE, "0x");
}

/** Lets the verifier run other code, behind its back. */
export async function runCode({ chain, addresses }: Stage, code: string): Promise<void> {
  await chain.rpc("hardhat_setCode", ELSEWHERE, code);
  await chain.rpc("hardhat_setStorageAt", addresses.verifier, SLOT, padded(ELSEWHERE));
}

/** Lets it run its deployment's again. */
export async function runOwnCode({ chain, addresses }: Stage): Promise<void> {
  const { verifier, verifierImplementation = "" } = addresses;
  await chain.rpc("hardhat_setStorageAt", verifier, SLOT, padded(verifierImplementation));
}

const padded = (address: string): string => `0x${address.slice(2).toLowerCase().padStart(64, "0")}`;
