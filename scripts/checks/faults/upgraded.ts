import type { Fault } from "../runbook/fault.ts";

/** ERC-1967: where a proxy keeps the address of what it runs. */
const SLOT = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
const ELSEWHERE = "0x00000000000000000000000000000000000e15e0";

const padded = (address: string): string => `0x${address.slice(2).toLowerCase().padStart(64, "0")}`;

export const fault: Fault = {
  what: "the verifier runs code that is not the deployment's",
  silent: "the code is changed behind the contract's back",
  async inject({ chain, addresses }) {
    const { verifier = "", verifierImplementation = "" } = addresses;
    const code = await chain.rpc("eth_getCode", verifierImplementation, "latest");
    await chain.rpc("hardhat_setCode", ELSEWHERE, code);
    await chain.rpc("hardhat_setStorageAt", verifier, SLOT, padded(ELSEWHERE));
    return {};
  },
  async clear(stage) {
    const { verifier = "", verifierImplementation = "" } = stage.addresses;
    await stage.chain.rpc("hardhat_setStorageAt", verifier, SLOT, padded(verifierImplementation));
    await stage.sh(`npx hardhat unpause --network "$NETWORK" --key admin
npx hardhat guardian re-arm --network "$NETWORK" --guardian "$GUARDIAN" --key admin`);
  },
};
