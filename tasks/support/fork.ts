import { type JsonRpcSigner, type Provider, toBeHex } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { UnavailableError } from "../../src/core/errors.ts";
import type { Session } from "./session.ts";

/** A copy of the target chain in this process: what is sent here never reaches the target. */
export interface Fork {
  readonly provider: Provider;
  /** Block of the target that the copy begins at. */
  readonly blockNumber: number;
  /** A signer for any account, with enough to pay for gas; its key is not needed. */
  impersonate(account: string): Promise<JsonRpcSigner>;
  /** Lets time pass on the copy. */
  passTime(seconds: bigint): Promise<void>;
  close(): Promise<void>;
}

/** Enough for any call (wei). */
const GAS_MONEY = toBeHex(10n ** 20n).replace(/^0x0+/, "0x");

/** Copies the target of `--network` at its newest block. */
export async function forkOf(hre: HardhatRuntimeEnvironment, session: Session): Promise<Fork> {
  const { network, chainId } = session.chain;
  const target = hre.config.networks[network];
  if (target?.type !== "http") throw new UnavailableError(`network "${network}" has no URL to fork from`);
  const blockNumber = await session.provider.getBlockNumber();
  const connection = await hre.network.create({
    network: "default",
    override: {
      chainId: Number(chainId),
      forking: { enabled: true, url: await target.url.getUrl(), blockNumber },
    },
  });
  const { provider } = connection.ethers;
  // A block of its own: the fork does not know by which rules the target's blocks run, and need not.
  await provider.send("evm_mine", []);
  return {
    provider,
    blockNumber,
    impersonate: async (account) => {
      await provider.send("hardhat_impersonateAccount", [account]);
      await provider.send("hardhat_setBalance", [account, GAS_MONEY]);
      return (await provider.getSigner(account)) as unknown as JsonRpcSigner;
    },
    passTime: async (seconds) => {
      await provider.send("evm_increaseTime", [Number(seconds)]);
      await provider.send("evm_mine", []);
    },
    close: () => connection.close(),
  };
}
