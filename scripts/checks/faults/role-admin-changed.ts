import { concat, id, keccak256, toBeHex, ZeroHash } from "ethers";
import type { Fault } from "../runbook/fault.ts";
import type { Stage } from "../runbook/stage.ts";

/** ERC-1967: where a proxy keeps the address of what it runs. */
const IMPLEMENTATION = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
/** ERC-7201: the roles of OpenZeppelin's AccessControl. */
const ROLES = "0x02dd7bc7dec4dceedda775e58dd541e08a116c6c53815c0bd028192f7b626800";
const ELSEWHERE = "0x00000000000000000000000000000000000e15e1";

const SIGNER_ROLE = id("SIGNER_ROLE");
const POLICY_ROLE = id("POLICY_ROLE");
/** Of a role's data the word after its holders. */
const GOVERNOR = toBeHex(BigInt(keccak256(concat([SIGNER_ROLE, ROLES]))) + 1n, 32);

export const fault: Fault = {
  what: "the verifier ran planted code for one call: who sets policies makes signers from now on",
  async inject(stage) {
    await runPlanted(stage, plantedCode(POLICY_ROLE, ZeroHash));
    return {};
  },
  async clear(stage) {
    await runPlanted(stage, plantedCode(ZeroHash, POLICY_ROLE));
    await stage.sh(`npx hardhat unpause --network "$NETWORK" --key admin
npx hardhat guardian re-arm --network "$NETWORK" --guardian "$GUARDIAN" --key admin`);
  },
};

/** SSTORE of the governor, and the event as AccessControl emits it: LOG4 without data. */
function plantedCode(governor: string, previous: string): string {
  const push32 = (word: string) => concat(["0x7f", word]);
  const topic = id("RoleAdminChanged(bytes32,bytes32,bytes32)");
  const topics = [governor, previous, SIGNER_ROLE, topic].map(push32);
  return concat([push32(governor), push32(GOVERNOR), "0x55", ...topics, "0x5f5fa4"]);
}

async function runPlanted({ chain, addresses }: Stage, code: string): Promise<void> {
  const { verifier = "", verifierImplementation = "", deployer = "" } = addresses;
  const point = (at: string) => chain.rpc("hardhat_setStorageAt", verifier, IMPLEMENTATION, toBeHex(at, 32));
  await chain.rpc("hardhat_setCode", ELSEWHERE, code);
  await point(ELSEWHERE);
  await chain.send(deployer, verifier, "anything()").finally(() => point(verifierImplementation));
}
