import type { HardhatEthers, HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { NetworkHelpers } from "@nomicfoundation/hardhat-network-helpers/types";
import { network } from "hardhat";

/** A chain of its own in this process. */
export interface Chain {
  readonly ethers: HardhatEthers;
  readonly time: NetworkHelpers["time"];
  readonly helpers: NetworkHelpers;
}

/** Who is who in the contract tests. The timelock is an ordinary account but in Timelock.test.ts, which has a real one. */
export interface Actors {
  readonly deployer: HardhatEthersSigner;
  readonly admin: HardhatEthersSigner;
  readonly timelock: HardhatEthersSigner;
  readonly guardian: HardhatEthersSigner;
  readonly otherGuardian: HardhatEthersSigner;
  readonly signer: HardhatEthersSigner;
  readonly otherSigner: HardhatEthersSigner;
  readonly policyAdmin: HardhatEthersSigner;
  readonly anchorer: HardhatEthersSigner;
  readonly submitter: HardhatEthersSigner;
  readonly stranger: HardhatEthersSigner;
}

export const DAY = 86_400;
export const ADMIN_DELAY = 2 * DAY;
/** Order of the BN254 scalar field (`p` in docs/formats.md). */
export const P = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
/** Modulus of the BN254 base field. */
export const Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
export const MAX_U64 = 2n ** 64n - 1n;

/**
 * @param options.initialDate Time of the first block, as an ISO date; now unless given.
 * @param options.chainId Hardhat's own unless given.
 */
export async function newChain(options: { initialDate?: string; chainId?: number } = {}): Promise<Chain> {
  const { ethers, networkHelpers } = await network.create({ override: options });
  return { ethers, time: networkHelpers.time, helpers: networkHelpers };
}

export async function actorsOf({ ethers }: Chain): Promise<Actors> {
  const signers = await ethers.getSigners();
  const at = (index: number): HardhatEthersSigner => {
    const signer = signers[index];
    if (signer === undefined) throw new Error(`the chain has no account ${index}`);
    return signer;
  };
  return {
    deployer: at(0),
    admin: at(1),
    timelock: at(2),
    guardian: at(3),
    otherGuardian: at(4),
    signer: at(5),
    otherSigner: at(6),
    policyAdmin: at(7),
    anchorer: at(8),
    submitter: at(9),
    stranger: at(10),
  };
}
