import type { ContractRecord, Deployment } from "../../../src/chain/deployment.ts";

const contract = (artifact: ContractRecord["artifact"], digit: string): ContractRecord => ({
  artifact,
  address: `0x${digit.repeat(40)}`,
  constructorArgs: "0x",
  libraries: {},
  transactionHash: `0x${digit.repeat(64)}`,
  blockNumber: 1,
});

/** A deployment as its file says it, on a public network; nothing of it exists. */
export function deploymentOn(network: string, chainId: string): Deployment {
  return {
    version: 1,
    network,
    chainId,
    genesisHash: `0x${"1".repeat(64)}`,
    deployer: `0x${"2".repeat(40)}`,
    settings: {
      admin: `0x${"3".repeat(40)}`,
      adminDelay: 1,
      timelockDelay: 1,
      guardians: [],
      signers: [],
      policyAdmins: [],
    },
    setup: { development: true, circuit: "compliance", verificationKeyHash: `0x${"4".repeat(64)}` },
    contracts: {
      timelock: contract("TimelockController", "a"),
      registry: contract("AnchorRegistry", "b"),
      verifier: contract("ERC1967Proxy", "c"),
    },
    handover: { blockNumber: 2, checkedRoles: 10 },
  };
}
